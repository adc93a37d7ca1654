function Read-HostText {
    # One line from the person at the host; with -Secret it is not shown. Where nobody can be asked, that is the cmdlet's error.
    # (Stepped through, here and wherever a variable holds a secret: 'Set-PSDebug -Trace 2' prints each that is set.)
    [System.Diagnostics.DebuggerStepThrough()]
    [CmdletBinding()]
    [OutputType([string])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [string] $Prompt, [switch] $Secret)

    $answer = Read-HostField $Cmdlet $Prompt -Secret:$Secret
    if ($null -ne $answer) { return $answer }
    $record = New-CoreFailure 'InputRequired' "There is nobody to ask for: $Prompt." "Give it by parameter; Get-Help $($Cmdlet.MyInvocation.MyCommand.Name) shows how." $Prompt 'InvalidOperation'
    $Cmdlet.ThrowTerminatingError($record)
}

function Read-PipedLine {
    # Nothing under -NonInteractive, or at the end of the input.
    [System.Diagnostics.DebuggerStepThrough()]
    [CmdletBinding()]
    [OutputType([string])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [string] $Prompt)

    try {
        # A host that has nobody refuses this before it sees that there is nothing to choose from. (Of Prompt, the engine sees to that
        # before it asks the host.)
        $null = $Cmdlet.Host.UI.PromptForChoice('', '', [System.Management.Automation.Host.ChoiceDescription[]]@(), 0)
    } catch {
        if ($global:Error.Count -gt 0) { $global:Error.RemoveAt(0) }
        if ($_.Exception.GetBaseException() -isnot [System.ArgumentException]) { return }
    }
    $Cmdlet.Host.UI.WriteLine("${Prompt}: ")
    $line = [System.Console]::In.ReadLine()
    if ($null -ne $line) { $line.Trim() }
}

function Read-HostField {
    # The same, but nothing where nobody can be asked.
    # A host that has nobody refuses Prompt before it writes anything; ReadLine refuses after the question stands there.
    [System.Diagnostics.DebuggerStepThrough()]
    [CmdletBinding()]
    [OutputType([string])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [string] $Prompt, [switch] $Secret)

    $field = [System.Management.Automation.Host.FieldDescription]::new($Prompt)
    # A console host repeats a line that comes through a pipe, and records it in the transcript; on Unix pwsh ends the whole script
    # when it is to read it as a secret. So such a line is taken from the pipe itself, as the host would.
    $isPiped = $Secret -and [System.Console]::IsInputRedirected -and $Cmdlet.Host.Name -eq 'ConsoleHost'
    if ($Secret) { $field.SetParameterType([securestring]) }
    try {
        if ($isPiped) { return Read-PipedLine $Cmdlet $Prompt }
        $answers = $Cmdlet.Host.UI.Prompt('', '', [System.Management.Automation.Host.FieldDescription[]]@($field))
    } catch [System.Management.Automation.PipelineStoppedException] {
        throw
    } catch {
        # That there is nobody to ask is no error of the user's.
        if ($global:Error.Count -gt 0) { $global:Error.RemoveAt(0) }
        return
    }
    if ($null -eq $answers -or -not $answers.ContainsKey($Prompt) -or $null -eq $answers[$Prompt]) { return }
    (ConvertFrom-Secret $answers[$Prompt]).Trim()
}
