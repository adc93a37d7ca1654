using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The parameters that name a role's source, and what the source needs. RoleRequest reads the bound values.</summary>
public abstract class SourceCmdlet : InputCmdlet
{
    /// <summary>
    /// The name of a role, with its path if it has one: Admin, ops/ci/Deployer. -AccountId gives the account, and the region the partition.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? RoleName { get; set; }

    /// <summary>
    /// A stored session of IAM Identity Center, [sso-session NAME] in ~/.aws/config, which gives the role named by -AccountId and
    /// -RoleName. No profile is needed. Get-IdentityCenterRole lists the roles.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? SsoSession { get; set; }

    /// <summary>The address of an AWS access portal, with -SsoRegion, instead of -SsoSession.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SsoStartUrl")]
    [Optional]
    public string? StartUrl { get; set; }

    /// <summary>The region of IAM Identity Center, with -StartUrl.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? SsoRegion { get; set; }

    /// <summary>
    /// The MFA device of the user who assumes the role: its ARN, arn:aws:iam::123456789012:mfa/NAME, or the number on a hardware device.
    /// Default: mfa_serial of the profile.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SerialNumber")]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? MfaSerial { get; set; }

    /// <summary>
    /// The six digits that the MFA device shows. A code works once. Without it, the cmdlet prompts for a code when it needs one.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    public string? TokenCode { get; set; }

    /// <summary>A stored profile whose credentials assume the role, instead of the default credentials.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? SourceProfile { get; set; }

    /// <summary>
    /// Credentials that assume the role: a result of Use-Role or Use-STSRole, any AWSCredentials of the AWS SDK for .NET, or a PSCredential
    /// that holds an access key and its secret key.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Credentials")]
    [Optional]
    public object? Credential { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("RegionToCall")]
    [Region]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? Region { get; set; }
}
