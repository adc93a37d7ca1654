/*
.SYNOPSIS
Leaves the role that the session is in, and puts back what was there
before.

.DESCRIPTION
Exit-Role restores the environment variables that Enter-Role set or took
away, exactly as they were, those that were not set included; and where
Enter-Role told AWS Tools for PowerShell, their session credentials and
region. Nothing is called, so it works without a network, after an
error, and when the credentials have expired.

It leaves the role that was entered last. Within a script block of
Use-Role it leaves roles that were entered there, and not the block's.

.PARAMETER All
Leaves all roles, back to the identity that the session had at the
beginning.

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

In and out again.

.EXAMPLE
PS> Exit-Role -All -Verbose
VERBOSE: Left OneHour.
VERBOSE: Left Hub.

Out of every role, whatever was entered.

.EXAMPLE
PS> Enter-Role -ProfileName prod; try { aws s3 ls } finally { Exit-Role }
2026-11-01 09:12:44 my-bucket

In a script, out of the role whatever happens. (Use-Role -ScriptBlock
does it by itself.)

.NOTES
Error ids: NoRoleEntered,Exit-Role (not with -All); RoleBusy,Exit-Role
within a runspace that a script block of Use-Role started.

.LINK
Enter-Role

.LINK
Get-Role
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Takes frames from the stack of roles: docs/decisions/0007.</summary>
[Cmdlet("Exit", "Role")]
[OutputType(typeof(void))]
public sealed class ExitRoleCommand : RoleCmdlet
{
    [Parameter]
    public SwitchParameter All { get; set; }

    protected override void EndProcessing()
    {
        var hadTurn = RoleStack.HasTurn;
        var gone = new List<RoleFrame>();
        try
        {
            RoleStack.EnterTurn(this);
            var frames = RoleStack.Frames;
            // A block's own frame, and what is beneath it, goes when the block ends.
            var least = Array.FindLastIndex(frames, frame => frame.IsBlock) + 1;
            if (frames.Length <= least)
            {
                if (All)
                    return;
                throw ThrowTerminating(
                    "NoRoleEntered",
                    least > 0 ? "No role was entered in this script block." : "No role is entered.",
                    "Get-Role shows who this session is.",
                    null,
                    ErrorCategory.InvalidOperation
                );
            }
            var left = All ? least : frames.Length - 1;
            gone.AddRange(frames.Skip(left).Reverse());
            SessionScripts.Invoke(this, Place, "Pop-RoleFrame", left);
        }
        finally
        {
            if (!hadTurn)
                RoleStack.ExitTurn();
        }
        foreach (var frame in gone)
            WriteStep($"Left {frame.Name}.");
    }
}
