/*
.SYNOPSIS
The roles that were used lately, the newest first.

.DESCRIPTION
Each role that Use-Role, Enter-Role or Open-RoleConsole has given is
remembered: its ARN, the profile and the region it was used with, when,
and the name and colour that Open-RoleConsole gave it. Keys are never
kept. Tab completes -RoleArn, -RoleName and -AccountId from this list.

The 50 newest are kept, in ~/.aws/role-credentials/settings.ini, which
only its owner can read. When there are more, those with a display name
or a colour stay longest.

.PARAMETER First
So many, and no more.

.INPUTS
None.

.OUTPUTS
RoleCredentials.UsedRole. RoleArn, ProfileName (where there was one),
Account, Role, DisplayName, Color, Region, LastUsed (a DateTime in UTC).

.EXAMPLE
PS> Get-RoleHistory

LastUsed          Account      Role            ProfileName     DisplayName
--------          -------      ----            -----------     -----------
2026-11-23 21:47Z 123456789012 Admin           prod            Production
2026-11-23 20:03Z 222222222222 ops/Deploy

What was used lately.

.EXAMPLE
PS> Get-RoleHistory -First 1 | Enter-Role
PS> (Get-Role).Name
prod

Enters the last role again: by its profile where there was one, else by
its ARN.

.EXAMPLE
PS> Get-RoleHistory | Where-Object Role -Like *Admin* | Sort-Object Account | Format-Table Account, Role

Account      Role
-------      ----
123456789012 Admin
222222222222 ops/Admin

Finds roles by a part of their name.

.NOTES
Error ids, each followed by ',Get-RoleHistory': FileUnreadable.

.LINK
Clear-RoleHistory

.LINK
Open-RoleConsole

.LINK
Enter-Role
*/
using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Lists the roles used lately, the latest first.</summary>
[Cmdlet("Get", "RoleHistory")]
[OutputType(typeof(PSCustomObject))]
public sealed class GetRoleHistoryCommand : RoleCmdlet
{
    [Parameter(Position = 0)]
    [ValidateRange(1, 50)]
    public int First { get; set; } = 50;

    protected override void EndProcessing()
    {
        foreach (var used in ((object[])Ask("history/list", [])["roles"]!).Cast<Hashtable>().Take(First))
            WriteObject(UsedRole.From(used));
    }
}
