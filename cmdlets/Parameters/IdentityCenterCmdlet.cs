using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A cmdlet that works with one session of IAM Identity Center, which its parameters select.</summary>
public abstract class IdentityCenterCmdlet : ProfileCmdlet
{
    internal const string Subject = "IAM Identity Center";

    /// <summary>
    /// The name of a stored session: [sso-session NAME] in ~/.aws/config. Without -SsoSession, -ProfileName and -StartUrl, the cmdlet uses
    /// the session of the current profile, or the only stored session.
    /// </summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? SsoSession { get; set; }

    /// <summary>A stored profile whose session, or whose source profile's session, the cmdlet uses. Names are case-sensitive.</summary>
    [Parameter]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? ProfileName { get; set; }

    /// <summary>The address of the AWS access portal, such as https://my-company.awsapps.com/start. It needs -SsoRegion.</summary>
    [Parameter]
    [Alias("SsoStartUrl")]
    [ValidateNotNullOrEmpty]
    public string? StartUrl { get; set; }

    /// <summary>The region of IAM Identity Center, with -StartUrl.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? SsoRegion { get; set; }

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
