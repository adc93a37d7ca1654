/*
.SYNOPSIS
Leaves the current role, and restores the previous identity.

.DESCRIPTION
Exit-Role restores the environment variables that Enter-Role set or
removed, exactly as they were, and unsets those that were not set. If
Enter-Role changed the session credentials and region of AWS Tools for
PowerShell, it restores these too. It makes no network calls, so it works
offline, after an error, and after the credentials have expired.

It leaves the role that was entered last. Within a script block of
Use-Role it leaves only roles that were entered in the block.

.PARAMETER All
Leaves all roles, and restores the session's original identity.

.INPUTS
None.

.OUTPUTS
None.

.EXAMPLE
PS> Enter-Role -ProfileName prod
PS> $env:AWS_ACCESS_KEY_ID.Substring(0, 4)
ASIA
PS> Exit-Role
PS> $null -eq $env:AWS_ACCESS_KEY_ID
True

Enters a role and leaves it again.

.EXAMPLE
PS> Exit-Role -All -Verbose
VERBOSE: Left OneHour.
VERBOSE: Left Hub.

Leaves all roles.

.EXAMPLE
PS> Enter-Role -ProfileName prod; try { aws s3 ls } finally { Exit-Role }
2026-11-01 09:12:44 my-bucket

Leaves the role in a script even after an error. (Use-Role -ScriptBlock
does this by itself.)

.NOTES
Error ids, each followed by ',RoleCredentials.ExitRoleCommand':
NoRoleEntered (not with -All); RoleBusy in a runspace that a script block
of Use-Role started.

.LINK
Enter-Role

.LINK
Get-Role
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Pops frames from the stack of roles: docs/decisions/0007.</summary>
[Cmdlet("Exit", "Role")]
[OutputType(typeof(void))]
public sealed class ExitRoleCommand : RoleCmdlet
{
    [Parameter]
    public SwitchParameter All { get; set; }

    protected override void EndProcessing()
    {
        foreach (var frame in LeaveRoles())
            WriteStep($"Left {frame.Name}.");
    }

    private RoleFrame[] LeaveRoles()
    {
        using var turn = RoleStack.EnterTurn(this);
        var frames = RoleStack.Frames;
        // Keep a block's own frame and the frames beneath it: they end with the block.
        var least = Array.FindLastIndex(frames, frame => frame.IsBlock) + 1;
        if (frames.Length <= least)
        {
            if (All)
                return [];
            throw ThrowTerminating(
                "NoRoleEntered",
                least > 0 ? "No role was entered in this script block." : "No role is entered.",
                "Get-Role shows the identity of this session.",
                null,
                ErrorCategory.InvalidOperation
            );
        }
        var left = All ? least : frames.Length - 1;
        SessionScripts.Invoke(this, "Pop-RoleFrame", left);
        return [.. frames.Skip(left).Reverse()];
    }
}
