# The words of the commands: a parameter of one of these names has this type and these aliases in every command.
# Names and aliases are those of AWS Tools for PowerShell, where it has them. One or many is the command's choice: the type is that of
# an element. A name that is missing here is not yet agreed on.
@{
    AccessKey         = @{ Type = 'String'; Aliases = 'AK' }
    AccountId         = @{ Type = 'String'; Aliases = 'Id' }
    All               = @{ Type = 'SwitchParameter' }
    ArgumentList      = @{ Type = 'Object'; Aliases = 'Args' }
    AutoRefresh       = @{ Type = 'SwitchParameter' }
    Chain             = @{ Type = 'SwitchParameter' }
    Color             = @{ Type = 'String'; Aliases = 'Colour' }
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
    MfaSerial         = @{ Type = 'String'; Aliases = 'SerialNumber' }
    MfaSession        = @{ Type = 'SwitchParameter' }
    NoCache           = @{ Type = 'SwitchParameter' }
    Output            = @{ Type = 'String' }
    PassThru          = @{ Type = 'SwitchParameter' }
    Policy            = @{ Type = 'String' }
    PolicyArn         = @{ Type = 'Object'; Aliases = 'PolicyArns' }
    ProfileLocation   = @{ Type = 'String'; Aliases = 'AWSProfilesLocation', 'ProfilesLocation' }
    ProfileName       = @{ Type = 'String'; Aliases = 'AWSProfileName', 'Profile', 'StoredCredentials' }
    Quiet             = @{ Type = 'SwitchParameter' }
    Region            = @{ Type = 'String'; Aliases = 'RegionToCall' }
    RoleArn           = @{ Type = 'String' }
    RoleName          = @{ Type = 'String' }
    RoleSessionName   = @{ Type = 'String' }
    ScriptBlock       = @{ Type = 'ScriptBlock' }
    SecretKey         = @{ Type = 'Object'; Aliases = 'SecretAccessKey', 'SK' }
    Select            = @{ Type = 'String' }
    SessionToken      = @{ Type = 'Object'; Aliases = 'ST' }
    SignIn            = @{ Type = 'SwitchParameter' }
    SourceIdentity    = @{ Type = 'String' }
    SourceProfile     = @{ Type = 'String' }
    StoreAs           = @{ Type = 'String' }
    Tag               = @{ Type = 'Object'; Aliases = 'Tags' }
    ThrottleLimit     = @{ Type = 'Int32' }
    TokenCode         = @{ Type = 'String' }
    TransitiveTagKey  = @{ Type = 'String'; Aliases = 'TransitiveTagKeys' }
    Verify            = @{ Type = 'SwitchParameter' }
}
