function Set-RoleCredentials {
    <#
    .SYNOPSIS
    Stores keys, a role, or defaults as a profile for every AWS tool.

    .DESCRIPTION
    Set-RoleCredentials writes a profile into the two files that the AWS CLI,
    the AWS SDKs and AWS Tools for PowerShell share: keys into
    ~/.aws/credentials, all else into ~/.aws/config. The profile is 'default'
    unless -StoreAs names another.

    Called bare, or with -StoreAs alone, it asks like 'aws configure', showing
    what is stored with keys masked; Enter keeps it.

    What you do not name stays as it is: other profiles, other settings,
    comments, line endings. An empty text removes a setting (-Region ''), and
    so does -DurationInSeconds 0. New keys take an old session token away. One
    source takes the other's place: -SourceProfile removes credential_source,
    and the other way round.

    A profile is checked as a whole before a file is touched: the ARN, the
    session name, the duration, that its sources exist and lead in no circle.
    Refused is also what some AWS tool would read differently from the others:
    names of other characters than A-Z a-z 0-9 _ - / . % @ : + and values with
    a line break, a blank at an end, or a comment sign after a blank.

    The files are locked, written beside their place and renamed, and readable
    by you alone from the first instant. Symbolic links stay.

    AN MFA CODE FOR ONE ROLE, OR FOR MANY. With -MfaSerial alone, the code
    goes into AssumeRole: the role's session may last up to 12 hours, and the
    next role wants the next code. With -MfaSession, the code opens a session
    of the user first (GetSessionToken): it lasts 12 hours, or up to 36 with
    -DurationInSeconds on the profile of the keys, and every role is assumed
    from it without another code, for an hour each. Store -MfaSession with the
    keys to use it for all their roles, or with a role to use it for that one.
    Other AWS tools do not know this setting: they go on asking for a code for
    each role.

    .PARAMETER AccessKey
    The access key to store. Without -SecretKey, the secret is asked
    for, so that it stands in no history.

    .PARAMETER SecretKey
    The secret key of -AccessKey, as text or, better, as SecureString
    (Read-Host -AsSecureString).

    .PARAMETER SessionToken
    The session token, if the keys are temporary; as text or
    SecureString.

    .PARAMETER Credential
    Keys as an object: a PSCredential with the access key as its user
    name, what Use-Role or Use-STSRole returned, or AWSCredentials of
    the AWS SDK for .NET.

    .PARAMETER ProfileName
    A stored profile to copy: its credentials, and its region and output
    format where it has them, become those of -StoreAs. Without -StoreAs
    that makes it the default, as Initialize-AWSDefaultConfiguration
    does.

    .PARAMETER RoleArn
    The role of the profile: arn:aws:iam::123456789012:role/Admin. It
    needs -SourceProfile or -CredentialSource.

    .PARAMETER SourceProfile
    The profile whose credentials assume the role. It may be a role
    itself.

    .PARAMETER CredentialSource
    Where the credentials that assume the role come from, in place of a
    profile: Environment, Ec2InstanceMetadata or EcsContainer.

    .PARAMETER MfaSerial
    The MFA device whose code is asked for: its ARN,
    arn:aws:iam::123456789012:mfa/NAME, or the number on a hardware
    device.

    .PARAMETER ExternalId
    The external id that the role's trust policy asks for: 2 to 1224 of
    A-Z a-z 0-9 _ + = , . @ : / -

    .PARAMETER RoleSessionName
    The name under which AWS CloudTrail shows what the session does: 2
    to 64 of
    A-Z a-z 0-9 _ + = , . @ -
    Without it, each session gets a name that ends in epoch seconds.

    .PARAMETER DurationInSeconds
    How long the session lasts, in seconds. For a role: 900 to 43200, as
    far as the role allows; without it, 3600. For keys with -MfaSession:
    900 to 129600; without it, 43200. 0 removes it.

    .PARAMETER SourceIdentity
    A name that stays with the role's session and with all that is
    assumed from it: 2 to 64 of A-Z a-z 0-9 _ + = , . @ - The AWS CLI
    does not know this setting (it is aws-vault's).

    .PARAMETER Tag
    Session tags: a hashtable, @{ project = 'apollo' }, or objects with
    Key and Value. At most 50; a key has 1 to 128 characters, a value up
    to 256, and here neither has a comma. All of them are replaced; @()
    removes them. The AWS CLI does not know this setting (it is
    aws-vault's).

    .PARAMETER TransitiveTagKey
    Keys of the tags that the next role of a chain inherits; @() removes
    them.

    .PARAMETER MfaSession
    Uses the MFA code to open a session, from which roles are assumed
    without another code (see above). -MfaSession:$false takes it back.
    The AWS CLI does not know this setting.

    .PARAMETER StoreAs
    The profile to store in; it is made if it does not exist. Names are
    case-sensitive. Default: default.

    .PARAMETER Region
    The region of the profile: eu-west-1.

    .PARAMETER Output
    The output format of the AWS CLI: json, yaml, yaml-stream, text,
    table or off.

    .PARAMETER ProfileLocation
    A file in the form of ~/.aws/credentials, which takes that file's
    place: all is stored there. Default: the files named by
    AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, else
    ~/.aws/credentials and ~/.aws/config.

    .INPUTS
    Objects with the properties AccessKey, SecretKey and SessionToken.

    .OUTPUTS
    None. -Verbose tells which files changed.

    .EXAMPLE
    PS> Set-RoleCredentials
    AWS Access Key ID [None]: AKIAIOSFODNN7EXAMPLE
    AWS Secret Access Key [None]: ****************************************
    Default region name [None]: eu-west-1
    Default output format [None]:

    Asks for what makes up the default profile, as 'aws configure' does.

    .EXAMPLE
    PS> Set-RoleCredentials -AccessKey AKIAIOSFODNN7EXAMPLE -Region eu-west-1 -Verbose
    AWS Secret Access Key: ****************************************
    VERBOSE: Performing the operation "Store accessKeyId, region, secretAccessKey" on target "profile 'default' in /home/jo/.aws/config, /home/jo/.aws/credentials".
    VERBOSE: Changed /home/jo/.aws/config.
    VERBOSE: Changed /home/jo/.aws/credentials.

    Stores keys as the default profile. The secret is asked for; it can also be
    given as text or SecureString with -SecretKey.

    .EXAMPLE
    PS> Set-RoleCredentials -StoreAs prod -RoleArn arn:aws:iam::123456789012:role/Admin -SourceProfile default -MfaSerial arn:aws:iam::111111111111:mfa/jo
    PS> Get-RoleProfile prod

    ProfileName Source          MFA  Region RoleArn
    ----------- ------          ---  ------ -------
    prod        profile default code        arn:aws:iam::123456789012:role/Adm
                                            in

    Stores a role that is assumed with the default profile and an MFA code.

    .EXAMPLE
    PS> Set-RoleCredentials -MfaSerial arn:aws:iam::111111111111:mfa/jo -MfaSession -DurationInSeconds 129600
    PS> 'prod', 'audit' | ForEach-Object { Use-Role -ProfileName $_ } | Format-Table RoleArn, Expiration
    MFA code of arn:aws:iam::111111111111:mfa/jo: 123456

    RoleArn                              Expiration
    -------                              ----------
    arn:aws:iam::123456789012:role/Admin 11/23/2026 10:47:35 PM
    arn:aws:iam::222222222222:role/Audit 11/23/2026 10:47:35 PM

    One MFA code for all roles of the default profile, for 36 hours.

    .EXAMPLE
    PS> Set-RoleCredentials -StoreAs prod -Region eu-central-1 -WhatIf
    What if: Performing the operation "Store region" on target "profile 'prod' in /home/jo/.aws/config".

    Changes one setting of a profile, or here tells what would be changed.

    .EXAMPLE
    PS> Set-RoleCredentials -ProfileName prod -Verbose
    VERBOSE: Performing the operation "Copy profile 'prod'" on target "profile 'default' in /home/jo/.aws/config".
    VERBOSE: Changed /home/jo/.aws/config.

    Makes the stored profile 'prod' the default.

    .NOTES
    Error ids, each followed by ',Set-RoleCredentials': what was asked:
    ArnInvalid, RoleSessionNameInvalid, DurationInvalid,
    ExternalIdInvalid, MfaSerialInvalid, SourceIdentityInvalid,
    TagInvalid, RegionInvalid, ProfileNameInvalid, ValueRefused,
    CredentialInvalid, ProfileLocationInvalid, InputRequired (nobody is
    there to be asked);
    what is stored: ProfileNotFound, ProfileIncomplete, SourceMissing,
    SourceConflict, SourceProfileNotFound, ProfileCycle,
    CredentialSourceInvalid, FileBroken, FileUnreadable, FileUnwritable,
    FileBusy. After any of them the files are as they were.

    .LINK
    https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html

    .LINK
    https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html

    .LINK
    Get-RoleProfile

    .LINK
    Remove-RoleProfile

    .LINK
    Use-Role

    .LINK
    about_RoleCredentials
    #>
    [CmdletBinding(DefaultParameterSetName = 'Role', SupportsShouldProcess)]
    [Alias('Set-RoleCredential')]
    [OutputType([void])]
    param(
        [Parameter(ParameterSetName = 'Keys', Mandatory, ValueFromPipelineByPropertyName)]
        [Alias('AK')]
        [ValidateNotNullOrEmpty()]
        [string] $AccessKey,

        [Parameter(ParameterSetName = 'Keys', ValueFromPipelineByPropertyName)]
        [Alias('SK', 'SecretAccessKey')]
        [ValidateNotNullOrEmpty()]
        [object] $SecretKey,

        [Parameter(ParameterSetName = 'Keys', ValueFromPipelineByPropertyName)]
        [Alias('ST')]
        [ValidateNotNullOrEmpty()]
        [object] $SessionToken,

        [Parameter(ParameterSetName = 'Credential', Mandatory)]
        [Alias('Credentials')]
        [ValidateNotNull()]
        [object] $Credential,

        [Parameter(ParameterSetName = 'ProfileName', Mandatory)]
        [Alias('StoredCredentials', 'AWSProfileName')]
        [ValidateNotNullOrEmpty()]
        [string] $ProfileName,

        [Parameter(ParameterSetName = 'Role')]
        [string] $RoleArn,

        [Parameter(ParameterSetName = 'Role')]
        [string] $SourceProfile,

        [Parameter(ParameterSetName = 'Role')]
        [string] $CredentialSource,

        [Parameter(ParameterSetName = 'Role')]
        [Parameter(ParameterSetName = 'Keys')]
        [Parameter(ParameterSetName = 'Credential')]
        [Alias('SerialNumber')]
        [string] $MfaSerial,

        [Parameter(ParameterSetName = 'Role')]
        [string] $ExternalId,

        [Parameter(ParameterSetName = 'Role')]
        [string] $RoleSessionName,

        [Parameter(ParameterSetName = 'Role')]
        [Parameter(ParameterSetName = 'Keys')]
        [Parameter(ParameterSetName = 'Credential')]
        [Alias('DurationSeconds')]
        [int] $DurationInSeconds,

        [Parameter(ParameterSetName = 'Role')]
        [string] $SourceIdentity,

        [Parameter(ParameterSetName = 'Role')]
        [Alias('Tags')]
        [object[]] $Tag,

        [Parameter(ParameterSetName = 'Role')]
        [Alias('TransitiveTagKeys')]
        [string[]] $TransitiveTagKey,

        [Parameter(ParameterSetName = 'Role')]
        [Parameter(ParameterSetName = 'Keys')]
        [Parameter(ParameterSetName = 'Credential')]
        [switch] $MfaSession,

        [ValidateNotNullOrEmpty()]
        [string] $StoreAs = 'default',

        [string] $Region,

        [ValidateSet('json', 'yaml', 'yaml-stream', 'text', 'table', 'off')]
        [string] $Output,

        [Alias('ProfilesLocation', 'AWSProfilesLocation')]
        [ValidateNotNullOrEmpty()]
        [string] $ProfileLocation
    )

    process {
        # Nothing may be stored after an exception, such as that of a question which nobody can be asked.
        try {
            $location = @{}
            if ($ProfileLocation) { $location['profileLocation'] = Resolve-ProfileLocation $PSCmdlet $ProfileLocation }

            if ($PSCmdlet.ParameterSetName -eq 'ProfileName') {
                $request = $location + @{ from = $ProfileName; to = $StoreAs }
                $what = "Copy profile '$ProfileName'"
                $method = 'profile/copy'
            } else {
                $settings = ConvertTo-ProfileSettings $PSCmdlet $PSBoundParameters
                if ($settings.Count -eq 0) { $settings = Read-ProfileSettings $PSCmdlet $StoreAs $location }
                if ($settings.Count -eq 0) { return }
                $request = $location + @{ profileName = $StoreAs; settings = $settings }
                $what = Format-ProfileChange $settings
                $method = 'profile/store'
            }

            # What is wrong with the input is told before the question, and under -WhatIf too.
            $planned = Invoke-Core $PSCmdlet $method ($request + @{ whatIf = $true })
            if ($planned['files'].Count -eq 0) {
                Write-Step $PSCmdlet "Profile '$StoreAs' says so already."
                return
            }
            if (-not $PSCmdlet.ShouldProcess("profile '$StoreAs' in $([string]::Join(', ', $planned['files']))", $what)) { return }
            $done = Invoke-Core $PSCmdlet $method $request
            foreach ($file in $done['files']) { Write-Step $PSCmdlet "Changed $file." }
            foreach ($warning in $done['warnings']) { $PSCmdlet.WriteWarning($warning) }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}
