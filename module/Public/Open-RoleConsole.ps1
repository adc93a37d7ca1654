function Open-RoleConsole {
    <#
    .SYNOPSIS
    Opens the AWS console as a role: the Switch Role page, filled in, or a
    console that is signed in already.

    .DESCRIPTION
    Without -SignIn, Open-RoleConsole opens the console's Switch Role page
    with account, role, display name and colour filled in. Whoever is signed
    in there confirms it, and switches with the permissions that they have.
    Nothing is called, and the link holds no secret.

    With -SignIn it gets the role's credentials, as Use-Role does, has AWS's
    federation endpoint make a sign-in token of them, and opens the console
    as the role. Such a link is a secret for a quarter of an hour: it is
    shown nowhere unless -PassThru asks for it.

    Every partition has its own console: the role's ARN tells which, or else
    the region.

    Where no role is named, the role that the session is in is meant; and
    where none is entered, the roles used lately are offered for choice.

    Display name and colour are remembered with the role, and are used again
    the next time.

    The browser is the one that the system has for links; on Linux and macOS
    BROWSER may name another, as for Python: commands separated by colons,
    with %s where the link is to go.

    .PARAMETER RoleArn
    The ARN of the role: arn:aws:iam::123456789012:role/NAME.

    .PARAMETER ProfileName
    A stored profile with a role.

    .PARAMETER RoleName
    The name of the role, with its path if it has one: ops/ci/Deployer. The
    console's Switch Role takes path and name up to 64 characters.

    .PARAMETER AccountId
    The account of the role: twelve digits, or, without -SignIn, its alias.

    .PARAMETER DisplayName
    What the console shows while the role is active, up to 64 characters.
    Default: what it was the last time.

    .PARAMETER Color
    The colour of that name: six hexadecimal digits, or red, orange, yellow,
    green or blue as the Switch Role page offers them. Default: what it was
    the last time.

    .PARAMETER SignIn
    Opens the console signed in as the role.

    .PARAMETER Destination
    With -SignIn, the page to land on: a URL of that partition's console, or
    a path in it such as ec2/home#Instances: Default: its home.

    .PARAMETER DurationInSeconds
    With -SignIn, how long the console session lasts: 900 to 43200 seconds,
    and at most 3600 for a chained role. Default: as long as the role's
    credentials.

    .PARAMETER MfaSerial
    With -SignIn, the MFA device of the user who assumes the role.

    .PARAMETER TokenCode
    With -SignIn, the six digits that the MFA device shows. Without it, the
    code is asked for when it is needed.

    .PARAMETER ExternalId
    With -SignIn, the external id that the role's trust policy asks for.

    .PARAMETER RoleSessionName
    With -SignIn, the name of the role's session.

    .PARAMETER SourceProfile
    With -SignIn, a stored profile whose credentials assume the role.

    .PARAMETER Credential
    With -SignIn, credentials that assume the role, or, without a role, those
    of a role to sign in with: what Use-Role or Use-STSRole returned.

    .PARAMETER ProfileLocation
    A file to read profiles from, in place of ~/.aws/credentials.

    .PARAMETER Region
    The region to land in, whose STS is called with -SignIn; and the
    partition, where only name and account are given.

    .PARAMETER PassThru
    Returns the link, and opens no browser.

    .INPUTS
    System.String. The ARN of a role. Objects bind by the properties RoleArn
    or ProfileName: those of Get-RoleHistory and Get-RoleProfile.

    .OUTPUTS
    None. With -PassThru System.String, the link.

    .EXAMPLE
    PS> Open-RoleConsole -RoleArn arn:aws:iam::123456789012:role/Admin -DisplayName Production -Color red -PassThru
    https://signin.aws.amazon.com/switchrole?account=123456789012&roleName=Admin&displayName=Production&color=F2B0A9

    The link that an administrator would send.

    .EXAMPLE
    PS> Open-RoleConsole -RoleName ops/ci/Deployer -AccountId my-company -PassThru
    https://signin.aws.amazon.com/switchrole?account=my-company&roleName=ops/ci/Deployer

    A role with a path, in an account that is known by its alias.

    .EXAMPLE
    PS> Open-RoleConsole -ProfileName prod -SignIn -Destination ec2/home -DurationInSeconds 3600

    Opens the console in the browser, signed in as the role of the profile.

    .EXAMPLE
    PS> Open-RoleConsole

    Roles
    Which role is the console to be opened for?
    [1] 1 Production (Admin, 123456789012)  [2] 2 ops/Deploy (222222222222)
    [?] Help (default is "1"): 1

    Offers the roles used lately.

    .NOTES
    Error ids, each followed by ',Open-RoleConsole': AccountIdInvalid,
    ArnInvalid, RoleNameInvalid, ColorInvalid, DisplayNameInvalid,
    DestinationInvalid, DurationInvalid, ConsoleUnavailable, ParameterConflict,
    ProfileNotFound, ProfileIncomplete, NoRoleNamed, InputRequired,
    BrowserNotFound, BrowserFailed; with -SignIn also SigninNeedsRole,
    SigninRejected, SigninFailed and those of Use-Role.
    Where the rules come from: IAM User Guide, "Switch from a user to an IAM
    role (console)" and "Enable custom identity broker access to the AWS
    console". AWS_ENDPOINT_URL_SIGNIN leads to another federation endpoint.

    .LINK
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-console.html

    .LINK
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html

    .LINK
    Get-RoleHistory

    .LINK
    Use-Role
    #>
    [CmdletBinding(DefaultParameterSetName = 'ProfileName', SupportsShouldProcess)]
    [OutputType([void], [string])]
    param(
        [Parameter(ParameterSetName = 'RoleArn', Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [ValidateNotNullOrEmpty()]
        [string] $RoleArn,

        [Parameter(ParameterSetName = 'ProfileName', ValueFromPipelineByPropertyName)]
        [Alias('StoredCredentials', 'AWSProfileName')]
        [ValidateNotNullOrEmpty()]
        [string] $ProfileName,

        [Parameter(ParameterSetName = 'RoleName', Mandatory)]
        [ValidateNotNullOrEmpty()]
        [string] $RoleName,

        [Parameter(ParameterSetName = 'RoleName', Mandatory)]
        [ValidateNotNullOrEmpty()]
        [string] $AccountId,

        [string] $DisplayName,

        [string] $Color,

        [switch] $SignIn,

        [string] $Destination,

        [Alias('DurationSeconds')]
        [int] $DurationInSeconds,

        [Alias('SerialNumber')]
        [string] $MfaSerial,

        [string] $TokenCode,

        [string] $ExternalId,

        [string] $RoleSessionName,

        [string] $SourceProfile,

        [Alias('Credentials')]
        [object] $Credential,

        [Alias('ProfilesLocation', 'AWSProfilesLocation')]
        [string] $ProfileLocation,

        [Alias('RegionToCall')]
        [string] $Region,

        [switch] $PassThru
    )

    begin {
        $given = [string[]]@($PSBoundParameters.Keys)
    }

    process {
        $wanted = Get-ConsoleRequest $PSCmdlet $PSBoundParameters (Get-PipelineProfile $PSCmdlet $_)
        Reset-BoundParameter $PSBoundParameters $given
        if (-not $SignIn) {
            $link = (Invoke-Core $PSCmdlet 'console/switch-role' $wanted.Request)['link']
            if ($PassThru) { $link }
            elseif ($PSCmdlet.ShouldProcess($link, 'Open in the browser')) { Open-Browser $PSCmdlet $link }
            return
        }
        # A token is not asked for only to be told that it would have been.
        if (-not $PassThru -and -not $PSCmdlet.ShouldProcess("the console as $($wanted.Name)", 'Open in the browser, signed in')) { return }
        $link = (Invoke-Core $PSCmdlet 'console/sign-in' $wanted.Request)['link']
        if ($PassThru) { $link } else { Open-Browser $PSCmdlet $link }
    }
}
