using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A cmdlet that works with one session of IAM Identity Center, which its parameters select.</summary>
public abstract class IdentityCenterCmdlet : RoleCmdlet
{
    internal const string Subject = "IAM Identity Center";

    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? SsoSession { get; set; }

    [Parameter]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? ProfileName { get; set; }

    [Parameter]
    [Alias("SsoStartUrl")]
    [ValidateNotNullOrEmpty]
    public string? StartUrl { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? SsoRegion { get; set; }

    [Parameter]
    [Alias("ProfilesLocation", "AWSProfilesLocation")]
    [Optional]
    public string? ProfileLocation { get; set; }

    /// <summary>Adds the parameters that select the session.</summary>
    private protected T WithSession<T>(T request)
        where T : SsoSessionChoice
    {
        request.SsoSession = SsoSession;
        request.ProfileName = ProfileName;
        request.ProfileLocation = PathOf(ProfileLocation);
        request.StartUrl = StartUrl;
        request.SsoRegion = SsoRegion;
        return request;
    }
}
