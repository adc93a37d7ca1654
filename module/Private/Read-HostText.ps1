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

function Read-HostField {
    # The same, but nothing where nobody can be asked.
    # A host that has nobody refuses Prompt before it writes anything; ReadLine refuses after the question stands there.
    [System.Diagnostics.DebuggerStepThrough()]
    [CmdletBinding()]
    [OutputType([string])]
    param([System.Management.Automation.PSCmdlet] $Cmdlet, [string] $Prompt, [switch] $Secret)

    $field = [System.Management.Automation.Host.FieldDescription]::new($Prompt)
    # Redirected input is not echoed, and pwsh on Unix ends the whole script when it is to read it as a secret.
    if ($Secret -and -not [System.Console]::IsInputRedirected) { $field.SetParameterType([securestring]) }
    try {
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
