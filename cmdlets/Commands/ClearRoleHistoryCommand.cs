/*
.SYNOPSIS
Forgets the roles that were used lately: all, or one.

.DESCRIPTION
Clear-RoleHistory removes roles from the list that Get-RoleHistory shows
and Tab completes from, with their display names and colours. Profiles
and cached credentials are not touched: see Remove-RoleProfile and
Clear-RoleCache.

.PARAMETER RoleArn
The role to forget. Default: all.

.INPUTS
System.String. The ARN of a role. Objects bind by the property RoleArn:
those of Get-RoleHistory.

.OUTPUTS
None.

.EXAMPLE
PS> Clear-RoleHistory -WhatIf
What if: Performing the operation "Forget" on target "2 roles of the
history".

What it would do.

.EXAMPLE
PS> Clear-RoleHistory -RoleArn arn:aws:iam::123456789012:role/Admin -Verbose
VERBOSE: Performing the operation "Forget" on target "role
arn:aws:iam::123456789012:role/Admin of the history".

Forgets one role.

.EXAMPLE
PS> Get-RoleHistory | Where-Object Account -EQ 123456789012 | Clear-RoleHistory
PS> (Get-RoleHistory).Count
1

Forgets the roles of one account.

.NOTES
Error ids, each followed by ',Clear-RoleHistory': FileUnreadable,
FileUnwritable, FileBusy.

.LINK
Get-RoleHistory

.LINK
Clear-RoleCache
*/
using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Forgets roles used lately.</summary>
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
            Forget([]);
        else
            foreach (var arn in RoleArn)
                Forget(new Hashtable { ["roleArn"] = arn });
    }

    private void Forget(Hashtable request)
    {
        var meant = ((object[])Ask("history/clear", WhatIf(request))["roles"]!).Length;
        if (meant == 0)
            WriteStep("There is nothing to forget.");
        else if (ShouldProcess(request["roleArn"] is { } arn ? $"role {arn} of the history" : $"{meant} roles of the history", "Forget"))
            Ask("history/clear", request);
    }
}
