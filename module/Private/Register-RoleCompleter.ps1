# Tab completes what the files know: see src/completion. It never calls AWS, asks or fails; with nothing to offer it stays silent.

function Complete-RoleArgument {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.CompletionResult])]
    param([string] $Subject, [string] $Word, [System.Collections.IDictionary] $Bound)

    $errors = $global:Error.Count
    try {
        $request = @{ subject = $Subject; word = $Word.Trim("'", '"') }
        foreach ($name in 'AccountId', 'RoleName', 'RoleArn') {
            if ($Bound.Contains($name)) { $request[[char]::ToLowerInvariant($name[0]) + $name.Substring(1)] = [string]$Bound[$name] }
        }
        $paths = $ExecutionContext.SessionState.Path
        if ($Bound.Contains('ProfileLocation')) { $request['profileLocation'] = $paths.GetUnresolvedProviderPathFromPSPath([string]$Bound['ProfileLocation']) }
        $ticket = [RoleCore]::Send('completion/list', $request, $paths.CurrentFileSystemLocation.ProviderPath, $script:Core, (Get-RoleEnvironment))
        # A person who types waits no longer.
        $answered = [RoleCore]::Receive(@($ticket), 3000)
        if ($null -eq $answered) { [RoleCore]::Cancel(@($ticket)); return }
        foreach ($completion in $answered.Result['completions']) {
            $text = $completion['text']
            # Bare where that means the same; an account id that begins with 0 is no number.
            $isPlain = $text -match '^[A-Za-z1-9_./:][A-Za-z0-9_./:+=@%-]*$'
            $literal = $isPlain ? $text : "'$([System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($text))'"
            [System.Management.Automation.CompletionResult]::new($literal, $text, 'ParameterValue', ($completion['tip'] ? $completion['tip'] : $text))
        }
    } catch {
        # What is caught stands in $Error all the same, and nobody did anything wrong.
        while ($global:Error.Count -gt $errors) { $global:Error.RemoveAt(0) }
    }
}

$script:CompletedBy = @{
    ProfileName = 'profile'; SourceProfile = 'profile'; StoreAs = 'profile'; RoleArn = 'role'; RoleName = 'roleName'; AccountId = 'account'
    Region = 'region'; MfaSerial = 'mfaSerial'; PolicyArn = 'policy'; CredentialSource = 'credentialSource'; Color = 'color'
}
foreach ($parameter in $script:CompletedBy.Keys) {
    # One block for all of them: each costs the import a millisecond.
    Microsoft.PowerShell.Core\Register-ArgumentCompleter -ParameterName $parameter -ScriptBlock {
        param($commandName, $parameterName, $wordToComplete, $commandAst, $fakeBoundParameters)
        Complete-RoleArgument $script:CompletedBy[$parameterName] $wordToComplete $fakeBoundParameters
    } -CommandName @(
        'Clear-RoleCache', 'Clear-RoleHistory', 'Enter-Role', 'Get-RoleProfile', 'Open-RoleConsole', 'Remove-RoleProfile',
        'Set-RoleCredentials', 'Test-Role', 'Use-Role')
}
