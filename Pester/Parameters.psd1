# The parameter names of all commands. A parameter with one of these names has this type and these aliases in every command.
# Names and aliases follow AWS Tools for PowerShell if it has them. A command may accept one value or an array; the type here is that of
# an element. Add every new name here.
@{
    AccessKey         = @{ Type = 'String'; Aliases = 'AK' }
    AccountId         = @{ Type = 'String'; Aliases = 'Id' }
    AccountName       = @{ Type = 'String' }
    All               = @{ Type = 'SwitchParameter' }
    ArgumentList      = @{ Type = 'Object'; Aliases = 'Args' }
    AsProcess         = @{ Type = 'SwitchParameter' }
    Audience          = @{ Type = 'String' }
    AutoRefresh       = @{ Type = 'SwitchParameter' }
    Browser           = @{ Type = 'String' }
    BrowserProfile    = @{ Type = 'String' }
    Chain             = @{ Type = 'SwitchParameter' }
    Color             = @{ Type = 'String'; Aliases = 'Colour' }
    Container         = @{ Type = 'String' }
    ContainerColor    = @{ Type = 'String' }
    ContainerIcon     = @{ Type = 'String' }
    Credential        = @{ Type = 'Object'; Aliases = 'Credentials' }
    CredentialSource  = @{ Type = 'String' }
    Destination       = @{ Type = 'String' }
    DisplayName       = @{ Type = 'String' }
    DurationInSeconds = @{ Type = 'Int32'; Aliases = 'DurationSeconds' }
    EndpointUrl       = @{ Type = 'String' }
    ExternalId        = @{ Type = 'String' }
    First             = @{ Type = 'Int32' }
    Force             = @{ Type = 'SwitchParameter' }
    Format            = @{ Type = 'String' }
    InOrder           = @{ Type = 'SwitchParameter' }
    MfaProcess        = @{ Type = 'String' }
    MfaSerial         = @{ Type = 'String'; Aliases = 'SerialNumber' }
    MfaSession        = @{ Type = 'SwitchParameter' }
    NoBrowser         = @{ Type = 'SwitchParameter' }
    NoCache           = @{ Type = 'SwitchParameter' }
    Output            = @{ Type = 'String' }
    PassThru          = @{ Type = 'SwitchParameter' }
    Policy            = @{ Type = 'String' }
    PolicyArn         = @{ Type = 'Object'; Aliases = 'PolicyArns' }
    PrincipalArn      = @{ Type = 'String' }
    ProfileLocation   = @{ Type = 'String'; Aliases = 'AWSProfilesLocation', 'ProfilesLocation' }
    ProfileName       = @{ Type = 'String'; Aliases = 'AWSProfileName', 'Profile', 'StoredCredentials' }
    Prune             = @{ Type = 'SwitchParameter' }
    Quiet             = @{ Type = 'SwitchParameter' }
    Region            = @{ Type = 'String'; Aliases = 'RegionToCall' }
    Remote            = @{ Type = 'SwitchParameter' }
    RoleArn           = @{ Type = 'String' }
    RoleName          = @{ Type = 'String' }
    RoleSessionName   = @{ Type = 'String' }
    SamlAssertion     = @{ Type = 'Object' }
    ScriptBlock       = @{ Type = 'ScriptBlock' }
    SecretKey         = @{ Type = 'Object'; Aliases = 'SecretAccessKey', 'SK' }
    Select            = @{ Type = 'String' }
    Serve             = @{ Type = 'SwitchParameter' }
    ServiceConnectionId = @{ Type = 'String' }
    SessionToken      = @{ Type = 'Object'; Aliases = 'ST' }
    SignIn            = @{ Type = 'SwitchParameter' }
    SourceIdentity    = @{ Type = 'String' }
    SourceProfile     = @{ Type = 'String' }
    SsoRegion         = @{ Type = 'String' }
    SsoSession        = @{ Type = 'String' }
    StartUrl          = @{ Type = 'String'; Aliases = 'SsoStartUrl' }
    StoreAs           = @{ Type = 'String' }
    Tag               = @{ Type = 'Object'; Aliases = 'Tags' }
    ThrottleLimit     = @{ Type = 'Int32' }
    TokenCode         = @{ Type = 'String' }
    TransitiveTagKey  = @{ Type = 'String'; Aliases = 'TransitiveTagKeys' }
    UseDeviceCode     = @{ Type = 'SwitchParameter' }
    Vault             = @{ Type = 'SwitchParameter' }
    VaultName         = @{ Type = 'String' }
    Verify            = @{ Type = 'SwitchParameter' }
    WebIdentityProvider = @{ Type = 'String' }
    WebIdentityToken  = @{ Type = 'Object' }
}
