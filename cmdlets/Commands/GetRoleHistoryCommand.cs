/*
.SYNOPSIS
Lists the recently used roles, the newest first.

.DESCRIPTION
The history records each role that you use with Use-Role, Enter-Role or
Open-RoleConsole: its ARN, profile, source profile, region and time of
use, and the display name and color from Open-RoleConsole. It never
stores keys. Tab completion of -RoleArn, -RoleName and -AccountId uses
this list.

A piped entry names the same profiles again: ProfileName, or RoleArn and
SourceProfile. Another source on the command line replaces SourceProfile.
Keys, tokens and -Chain are not kept: if one of them was the source, the
entry has SourceGiven, and needs a source on the command line.

The history keeps the 50 newest roles, in
~/.aws/role-credentials/settings.ini, which only its owner can read. When
it is full, it drops roles without a display name or color first.

.PARAMETER First
The maximum number of roles to return.

.INPUTS
None.

.OUTPUTS
RoleCredentials.UsedRole. RoleArn, ProfileName (if one was used),
SourceProfile (if one was named), SourceGiven, Account, Role, DisplayName,
Color, Region, LastUsed (a DateTime in UTC).

.EXAMPLE
PS> Get-RoleHistory

LastUsed          Account      Role            ProfileName     DisplayName
--------          -------      ----            -----------     -----------
2026-11-23 21:47Z 123456789012 Admin           prod            Production
2026-11-23 20:03Z 222222222222 ops/Deploy

Lists the recently used roles.

.EXAMPLE
PS> Get-RoleHistory -First 1 | Enter-Role
PS> (Get-Role).Name
prod

Enters the last role again, by its profile if it has one, or by its ARN.

.EXAMPLE
PS> Get-RoleHistory | Where-Object Role -Like *Admin* | Sort-Object Account | Format-Table Account, Role

Account      Role
-------      ----
123456789012 Admin
222222222222 ops/Admin

Finds roles by a part of their name.

.NOTES
Error ids, each followed by ',RoleCredentials.GetRoleHistoryCommand':
FileUnreadable.

.LINK
Clear-RoleHistory

.LINK
Open-RoleConsole

.LINK
Enter-Role
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Lists the recently used roles, newest first.</summary>
[Cmdlet("Get", "RoleHistory")]
[OutputType(typeof(PSCustomObject))]
public sealed class GetRoleHistoryCommand : RoleCmdlet
{
    [Parameter(Position = 0)]
    [ValidateRange(1, 50)]
    public int First { get; set; } = 50;

    protected override void EndProcessing()
    {
        foreach (var used in Ask(Methods.ListHistory, new Nothing()).Roles.Take(First))
            WriteObject(UsedRoleView.Of(used));
    }
}
