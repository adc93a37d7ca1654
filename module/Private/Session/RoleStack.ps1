# Whose identity the environment of this process has: a stack of frames, the roles that were entered and the script blocks that run
# as a role. $env: belongs to the process, and so does the stack; it holds .NET objects only, and of secrets what the environment
# itself held. Each frame knows what it found and what it set.

# The variables by which AWS's tools tell who one is. A frame sets or removes each, whichever tool looks at which.
$script:IdentityVariables = [string[]]@(
    'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'
    'AWS_CREDENTIAL_EXPIRATION', 'AWS_SESSION_EXPIRATION', 'AWS_ACCOUNT_ID'
    'AWS_REGION', 'AWS_DEFAULT_REGION'
    # A profile beside the keys: the CLI prefers the keys, the SDK for JavaScript the profile. So there is none.
    'AWS_PROFILE', 'AWS_DEFAULT_PROFILE'
    # The SDK for .NET prefers a web identity to keys.
    'AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'
    # What prompts show: starship reads the first, oh-my-posh the second before anything else.
    'AWSU_PROFILE', 'AWS_VAULT'
)

function Get-RoleStack {
    # The one stack of this process.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    $domain = [System.AppDomain]::CurrentDomain
    $stack = $domain.GetData('RoleCredentials.Stack')
    if ($null -ne $stack) { return $stack }
    # An interned string is one object for the whole process.
    $gate = [string]::Intern('RoleCredentials.Stack.Gate')
    [System.Threading.Monitor]::Enter($gate)
    try {
        $stack = $domain.GetData('RoleCredentials.Stack')
        if ($null -eq $stack) {
            $stack = [hashtable]::Synchronized(@{
                Gate = [object]::new()
                Frames = [System.Collections.Generic.List[hashtable]]::new()
                # The runspace that runs a script block as a role, or changes the stack: one at a time.
                Holder = [guid]::Empty
                # Flows into the runspaces that a script block starts: for them to wait for their turn would be to wait for themselves.
                Flow = [System.Threading.AsyncLocal[object]]::new()
            })
            $domain.SetData('RoleCredentials.Stack', $stack)
        }
        $stack
    } finally {
        [System.Threading.Monitor]::Exit($gate)
    }
}

function Get-RoleFrame {
    # The frames as they are at this moment, the bottom first; none when nobody has entered a role yet.
    [CmdletBinding()]
    [OutputType([hashtable[]])]
    param()

    $stack = [System.AppDomain]::CurrentDomain.GetData('RoleCredentials.Stack')
    if ($null -eq $stack -or $stack.Frames.Count -eq 0) { return , [hashtable[]]@() }
    [System.Threading.Monitor]::Enter($stack.Gate)
    try { return , $stack.Frames.ToArray() } finally { [System.Threading.Monitor]::Exit($stack.Gate) }
}

function Get-IdentityVariable {
    # The identity variables as they are now; null for those that are not set.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    $values = @{}
    foreach ($name in $script:IdentityVariables) { $values[$name] = [System.Environment]::GetEnvironmentVariable($name) }
    $values
}

function Set-IdentityVariable {
    # Sets variables of this process; null removes one, which an empty text would not.
    [CmdletBinding()]
    param([System.Collections.IDictionary] $Value)

    foreach ($name in $Value.Keys) {
        $text = $Value[$name]
        [System.Environment]::SetEnvironmentVariable($name, ($null -eq $text ? [System.Management.Automation.Language.NullString]::Value : $text))
    }
}

function Get-RoleEnvironment {
    # The environment for a request: that of the original identity, beneath all roles; with -Chain, as the role that this runspace is.
    # What was set by hand since a role was entered counts as it stands.
    [CmdletBinding()]
    [OutputType([System.Collections.IDictionary])]
    param([switch] $Chain)

    $environment = [System.Environment]::GetEnvironmentVariables()
    $stack = [System.AppDomain]::CurrentDomain.GetData('RoleCredentials.Stack')
    if ($null -eq $stack -or $stack.Frames.Count -eq 0) { return $environment }
    [System.Threading.Monitor]::Enter($stack.Gate)
    try {
        $environment = [System.Environment]::GetEnvironmentVariables()
        $bottom = $Chain ? (Get-OwnFrameCount $stack $stack.Frames.ToArray()) : 0
        foreach ($name in $script:IdentityVariables) {
            $value = $environment[$name]
            for ($index = $stack.Frames.Count - 1; $index -ge $bottom; $index--) {
                $frame = $stack.Frames[$index]
                if ($frame.Suspended -or -not $frame.Set.ContainsKey($name)) { continue }
                if ($value -cne $frame.Set[$name]) { break }
                $value = $frame.Before[$name]
            }
            if ($null -eq $value) { $environment.Remove($name) } else { $environment[$name] = $value }
        }
        $environment
    } finally {
        [System.Threading.Monitor]::Exit($stack.Gate)
    }
}

function Get-OwnFrameCount {
    # How many of the frames, from the bottom, are this runspace's identity: roles that were entered hold for all, a block for its own
    # runspace and those that it starts.
    [CmdletBinding()]
    [OutputType([int])]
    param([hashtable] $Stack, [AllowEmptyCollection()] [hashtable[]] $Frame)

    $me = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace.InstanceId
    $flow = $Stack.Flow.Value
    $count = 0
    for ($index = 0; $index -lt $Frame.Length; $index++) {
        $one = $Frame[$index]
        if ($one.Block) {
            # What is beneath one's own block is one's own, too.
            if ($one.Runspace -eq $me -or ($null -ne $flow -and [object]::ReferenceEquals($flow, $one.Token))) { $count = $index + 1 }
        } elseif ($index -eq $count) { $count++ }
    }
    $count
}

function Enter-RoleTurn {
    # Waits until no other runspace runs a block as a role, so that none sees another's identity. Within one's own block one has the
    # turn already. What came of it is in Holder: whoever did not hold the turn before calls Exit-RoleTurn in a finally block.
    [CmdletBinding()]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [hashtable] $Stack)

    $me = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace.InstanceId
    $said = $false
    $started = [System.Environment]::TickCount64
    while ($Stack.Holder -ne $me) {
        [System.Threading.Monitor]::Enter($Stack.Gate)
        try {
            if ($Stack.Holder -eq [guid]::Empty) { $Stack.Holder = $me; return }
            $flow = $Stack.Flow.Value
            $around = foreach ($frame in $Stack.Frames) { if ($null -ne $flow -and [object]::ReferenceEquals($flow, $frame.Token)) { $frame } }
        } finally {
            [System.Threading.Monitor]::Exit($Stack.Gate)
        }
        if ($around) {
            $Cmdlet.ThrowTerminatingError((New-CoreFailure 'RoleBusy' "This runs within a block that runs as $($around.Name), and the environment of a process has one identity at a time." 'Change the role outside of that block, or take credentials from Use-Role without -ScriptBlock and pass them with -Credential.' $around.Name 'ResourceBusy'))
        }
        if (-not $said -and [System.Environment]::TickCount64 - $started -gt 2000) {
            $said = $true
            Write-Step $Cmdlet 'Another runspace runs a block as a role: waiting for it to end.'
        }
        [System.Threading.Thread]::Sleep(10)
    }
}

function Test-RoleTurn {
    # Whether this runspace has the turn.
    [CmdletBinding()]
    [OutputType([bool])]
    param([hashtable] $Stack)

    $Stack.Holder -eq [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace.InstanceId
}

function Exit-RoleTurn {
    # Gives the turn back, if this runspace has it.
    [CmdletBinding()]
    param([hashtable] $Stack)

    if (Test-RoleTurn $Stack) { $Stack.Holder = [guid]::Empty }
}

function New-RoleFrame {
    # A frame for what the core gave. Nothing is changed yet.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([hashtable] $Result, [hashtable] $Request, [System.Collections.IDictionary] $Environment, [string] $Folder, [switch] $Chain, [switch] $Block)

    $arn = [string]$Result['roleArn']
    $roleName = $arn ? $arn.Substring($arn.IndexOf(':role/', [System.StringComparison]::Ordinal) + 6) : ''
    $shortName = $roleName.Substring($roleName.LastIndexOf('/') + 1)
    $account = $Result['accountId'] ? $Result['accountId'] : ($arn ? $arn.Split(':')[4] : $null)
    $frame = @{
        Block = [bool]$Block
        Runspace = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace.InstanceId
        Token = [object]::new()
        Name = $Result['profileName'] ? $Result['profileName'] : ($shortName ? $shortName : 'keys')
        RoleArn = $arn ? $arn : $null
        RoleName = $roleName ? $roleName : $null
        ProfileName = $Result['profileName']
        Account = $account
        AssumedRole = $Result['assumedRoleUser'] ? $Result['assumedRoleUser']['arn'] : $null
        Region = $Result['region']
        Chained = [bool]$Chain -or [bool]$Result['chained']
        Chain = [bool]$Chain
        Renewal = $Result['expiration'] ? [string]$Result['renewal'] : 'needless'
        # To renew it: the request, which holds no secret, and who one was when it was made.
        Request = $null
        Environment = @{}
        Folder = $Folder
        Pending = $null
        RetryAt = [datetime]::MinValue
        Failure = $null
        Before = @{}
        Set = @{}
        AwsTools = $null
        # While the output of a block is dealt with by somebody who is not the role: the variables of the block.
        Suspended = $null
    }
    $kept = @{}
    foreach ($key in $Request.Keys) {
        if ($key -notin 'credentials', 'tokenCode', 'tokenCodes', 'conversation', 'noCache') { $kept[$key] = $Request[$key] }
    }
    $frame.Request = $kept
    foreach ($name in $script:IdentityVariables) { $frame.Environment[$name] = $Environment[$name] }
    Update-RoleFrame $frame $Result
    $frame
}

function Update-RoleFrame {
    # What the credentials of a result are in the environment.
    [CmdletBinding()]
    param([hashtable] $Frame, [hashtable] $Result)

    $Frame.Obtained = [datetime]::UtcNow
    $Frame.Expiration = $Result['expiration'] ? [datetime]::Parse($Result['expiration'], [cultureinfo]::InvariantCulture, 'RoundtripKind') : $null
    $expiration = $Frame.Expiration ? $Frame.Expiration.ToString('yyyy-MM-ddTHH:mm:ssZ', [cultureinfo]::InvariantCulture) : $null
    $set = @{
        AWS_ACCESS_KEY_ID = $Result['accessKeyId']
        AWS_SECRET_ACCESS_KEY = $Result['secretAccessKey']
        AWS_SESSION_TOKEN = $Result['sessionToken']
        # botocore prefers this older name.
        AWS_SECURITY_TOKEN = $null
        AWS_CREDENTIAL_EXPIRATION = $expiration
        AWS_SESSION_EXPIRATION = $expiration
        AWS_ACCOUNT_ID = $Frame.Account
        AWS_PROFILE = $null
        AWS_DEFAULT_PROFILE = $null
        AWS_ROLE_ARN = $null
        AWS_WEB_IDENTITY_TOKEN_FILE = $null
        AWSU_PROFILE = $Frame.Name
        AWS_VAULT = $null
    }
    if ($Frame.Region) { $set['AWS_REGION'] = $set['AWS_DEFAULT_REGION'] = $Frame.Region }
    $Frame.Set = $set
}

function Push-RoleFrame {
    # Becomes the frame's identity. The caller has the turn.
    [CmdletBinding()]
    param([hashtable] $Stack, [hashtable] $Frame)

    [System.Threading.Monitor]::Enter($Stack.Gate)
    try {
        $Frame.Before = Get-IdentityVariable
        $Stack.Frames.Add($Frame)
        Set-IdentityVariable $Frame.Set
    } finally {
        [System.Threading.Monitor]::Exit($Stack.Gate)
    }
    Push-AwsToolsIdentity $Frame
}

function Pop-RoleFrame {
    # Takes frames away until so many are left, and restores what the lowest of them found.
    [CmdletBinding()]
    param([hashtable] $Stack, [int] $Left)

    $gone = [System.Collections.Generic.List[hashtable]]::new()
    [System.Threading.Monitor]::Enter($Stack.Gate)
    try {
        if ($Stack.Frames.Count -le $Left) { return }
        Set-IdentityVariable $Stack.Frames[$Left].Before
        while ($Stack.Frames.Count -gt $Left) {
            $gone.Add($Stack.Frames[$Stack.Frames.Count - 1])
            $Stack.Frames.RemoveAt($Stack.Frames.Count - 1)
        }
    } finally {
        [System.Threading.Monitor]::Exit($Stack.Gate)
    }
    foreach ($frame in $gone) {
        if ($frame.Pending) { [RoleCore]::Cancel(@($frame.Pending)) }
        Pop-AwsToolsIdentity $frame
    }
}
