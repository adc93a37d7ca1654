using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A cmdlet that reads or changes the AWS files. The pipeline of <see cref="InputCmdlet"/> brings the file too.</summary>
public abstract class ProfileCmdlet : RoleCmdlet
{
    /// <summary>
    /// A file to use instead of ~/.aws/credentials, in the same format. A file 'config' in the same folder is read too. Default: the files
    /// named by AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, or ~/.aws/credentials and ~/.aws/config.
    /// </summary>
    [Parameter]
    [Alias("ProfilesLocation", "AWSProfilesLocation")]
    [Optional]
    public string? ProfileLocation { get; set; }
}
