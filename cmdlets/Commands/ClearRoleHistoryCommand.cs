/*
.SYNOPSIS
Removes one or all of the recently used roles from the history.

.DESCRIPTION
Clear-RoleHistory removes roles, with their display names and colors,
from the list that Get-RoleHistory shows and Tab completion uses. It does
not change profiles or cached credentials: see Remove-RoleProfile and
Clear-RoleCache.

.PARAMETER RoleArn
The role to remove. Default: all.

.INPUTS
System.String. The ARN of a role. Objects bind by the property RoleArn,
such as those of Get-RoleHistory.

.OUTPUTS
None.

.EXAMPLE
PS> Clear-RoleHistory -WhatIf
What if: Performing the operation "Forget" on target "2 roles of the
history".

Shows what would be removed.

.EXAMPLE
PS> Clear-RoleHistory -RoleArn arn:aws:iam::123456789012:role/Admin -Verbose
VERBOSE: Performing the operation "Forget" on target "role
arn:aws:iam::123456789012:role/Admin of the history".

Removes one role.

.EXAMPLE
PS> Get-RoleHistory | Where-Object Account -EQ 123456789012 | Clear-RoleHistory
PS> (Get-RoleHistory).Count
1

Removes the roles of one account.

.NOTES
Error ids, each followed by ',RoleCredentials.ClearRoleHistoryCommand':
FileUnreadable, FileUnwritable, FileBusy.

.LINK
Get-RoleHistory

.LINK
Clear-RoleCache
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Removes roles from the history.</summary>
[Cmdlet("Clear", "RoleHistory", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class ClearRoleHistoryCommand : RoleCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? RoleArn { get; set; }

    protected override void ProcessRecord()
    {
        if (RoleArn is null)
            Forget(new ClearHistoryParams());
        else
            foreach (var arn in RoleArn)
                Forget(new ClearHistoryParams { RoleArn = arn });
    }

    private void Forget(ClearHistoryParams request)
    {
        var meant = Ask(Methods.ClearHistory, request with { WhatIf = true }).Roles.Length;
        if (meant == 0)
            WriteStep("The history has no such roles.");
        else if (ShouldProcess(request.RoleArn is { } arn ? $"role {arn} of the history" : $"{meant} roles of the history", "Forget"))
            Ask(Methods.ClearHistory, request);
    }
}
