using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A cmdlet that works with one session of IAM Identity Center, which its parameters select.</summary>
public abstract class IdentityCenterCmdlet : RoleCmdlet
{
    private protected const string Subject = "IAM Identity Center";

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

    /// <summary>The request parameters that select the session.</summary>
    private protected Hashtable SessionRequest()
    {
        var request = At(ProfileLocation);
        foreach (
            var (name, value) in new[]
            {
                ("ssoSession", SsoSession),
                ("profileName", ProfileName),
                ("startUrl", StartUrl),
                ("ssoRegion", SsoRegion),
            }
        )
        {
            if (value is not null)
                request[name] = value;
        }
        return request;
    }

    /// <summary>The session's name, or its start URL.</summary>
    private protected static string NameOf(Hashtable session) =>
        View.Text(session["ssoSession"]) ?? View.Text(session["startUrl"]) ?? Subject;
}
