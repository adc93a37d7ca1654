function Invoke-Core {
    # Asks the core for one thing and waits for it, on behalf of a cmdlet: its streams, its errors, its Ctrl+C.
    # An error ends the cmdlet; an MFA code that is wanted is asked for, once.
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory)] [string] $Method,
        [Parameter(Mandatory)] [hashtable] $Parameters,
        # Stands in for the process's own environment variables.
        [System.Collections.IDictionary] $Environment
    )

    $ticket = Request-Core $Cmdlet $Method $Parameters $Environment
    if ($ticket['ErrorRecord']) { $Cmdlet.ThrowTerminatingError($ticket.ErrorRecord) }
    $ticket['Result']
}

function Request-Core {
    # The same, but an error is left to the caller, in the ticket: what ThrowTerminatingError throws cannot be caught again.
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [System.Management.Automation.PSCmdlet] $Cmdlet,
        [string] $Method,
        [hashtable] $Parameters,
        [System.Collections.IDictionary] $Environment
    )

    $ticket = $null
    try {
        $ticket = Send-RoleRequest $Cmdlet $Method $Parameters $Environment
        $ticket = Receive-RoleResponse $Cmdlet @($ticket)
    } finally {
        if ($null -ne $ticket) { [RoleCore]::Cancel(@($ticket)) }
    }
    $ticket
}

function Send-RoleRequest {
    # Sends a request for a cmdlet; the caller waits with Receive-RoleResponse.
    [CmdletBinding()]
    param(
        [System.Management.Automation.PSCmdlet] $Cmdlet,
        [string] $Method,
        [hashtable] $Parameters,
        [System.Collections.IDictionary] $Environment
    )

    # A role that was entered is not who one is for the core: it starts from the identity beneath.
    if ($null -eq $Environment) { $Environment = Get-RoleEnvironment }
    if ($DebugPreference -ne 'SilentlyContinue') { Write-ProtocolDebug $Cmdlet '->' $Method $Parameters }
    try {
        $folder = $Cmdlet.SessionState.Path.CurrentFileSystemLocation.ProviderPath
        $ticket = [RoleCore]::Send($Method, $Parameters, $folder, $script:Core, $Environment)
        $ticket['Environment'] = $Environment
        $ticket
    } catch [System.Management.Automation.RuntimeException] {
        $Cmdlet.ThrowTerminatingError($_)
    }
}

function Receive-RoleResponse {
    # Waits for the first of the tickets to be answered. An answer that wants an MFA code is followed by the prompt and by
    # the request again, with the code, in the same ticket.
    [System.Diagnostics.DebuggerStepThrough()]
    [CmdletBinding()]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [System.Collections.IList] $Ticket, [int] $Milliseconds = -1)

    while ($true) {
        $answered = [RoleCore]::Receive($Ticket, $Milliseconds)
        if ($null -eq $answered) { return }
        foreach ($note in $answered['Notes']) { Write-Step $Cmdlet $note }
        if ($DebugPreference -ne 'SilentlyContinue') {
            Write-ProtocolDebug $Cmdlet '<-' $answered.Method ($answered['ErrorRecord'] ? $answered['Error'] : $answered['Result'])
        }
        if (-not $answered['ErrorRecord'] -or $answered.Error['data']['id'] -ne 'MfaRequired' -or -not $answered.Parameters['conversation']) {
            return $answered
        }
        $code = Read-MfaCode $Cmdlet $answered
        if (-not $code) { return $answered }
        $answered.Parameters['tokenCodes'] = @{ $answered.Error['data']['mfaSerial'] = $code }
        $again = Send-RoleRequest $Cmdlet $answered.Method $answered.Parameters $answered.Environment
        $answered.ErrorRecord = $null
        foreach ($key in 'Core', 'Id', 'Task') { $answered[$key] = $again[$key] }
    }
}

function Read-MfaCode {
    # Asks the person at the host for the code of one device. Where nobody can be asked the answer is nothing, and the error stands.
    [System.Diagnostics.DebuggerStepThrough()]
    [CmdletBinding()]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [hashtable] $Answered)

    $code = $null
    try {
        $code = Read-HostField $Cmdlet "MFA code of $($Answered.Error['data']['mfaSerial'])"
    } finally {
        # Nobody there, nothing typed, or Ctrl+C: whoever waits for this code is asked instead.
        if (-not $code) {
            $null = Send-RoleRequest $Cmdlet 'role/abandon' @{ conversation = $Answered.Parameters['conversation'] }
        }
    }
    $code
}
