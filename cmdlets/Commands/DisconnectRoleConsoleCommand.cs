/*
.SYNOPSIS
Ends a sign-in with console credentials, as aws logout does.

.DESCRIPTION
Disconnect-RoleConsole removes the sign-in of a profile from
~/.aws/login/cache, for all tools that share it. It also clears the cached
roles of the profiles whose source is that sign-in. The profile stays, so
that Connect-RoleConsole can sign in again.

AWS has no request that revokes a sign-in. Credentials that a program or an
entered role already has stay valid until they expire: 15 minutes for the
sign-in's own, up to an hour for a role.

.PARAMETER ProfileName
The profile to sign out. Default: AWS_PROFILE, or the profile default.

.PARAMETER All
Ends all sign-ins with console credentials, including those of profiles
that have been deleted.

.INPUTS
System.String. Names of profiles. Also the objects of Get-RoleProfile and
Connect-RoleConsole.

.OUTPUTS
None.

.EXAMPLE
PS> Disconnect-RoleConsole

Signs out the default profile.

.EXAMPLE
PS> Disconnect-RoleConsole dev -Verbose
VERBOSE: Removed the sign-in of profile 'dev'.

Signs out a profile.

.EXAMPLE
PS> Disconnect-RoleConsole -All -WhatIf
What if: Performing the operation "Sign out" on target "all sign-ins with console credentials".

Shows what the command would remove.

.NOTES
Error ids, each followed by
',RoleCredentials.DisconnectRoleConsoleCommand': ProfileNotFound,
NoProfileNamed (an empty ProfileName in the pipeline), ProfileIncomplete
(the profile has no sign-in), ParameterConflict, FileBroken,
FileUnreadable, FileUnwritable.

.LINK
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html

.LINK
Connect-RoleConsole

.LINK
Clear-RoleCache
*/
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Ends sign-ins with console credentials.</summary>
[Cmdlet("Disconnect", "RoleConsole", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class DisconnectRoleConsoleCommand : ConsoleSignInCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Profile", "StoredCredentials", "AWSProfileName")]
    [Optional]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string? ProfileName { get; set; }

    [Parameter]
    public SwitchParameter All { get; set; }

    protected override void ProcessRecord()
    {
        if (!All)
            AssertNamed(ProfileName);
        var target = All ? "all sign-ins with console credentials" : TextOf(ProfileName);
        if (!ShouldProcess(target, "Sign out"))
            return;
        var request = new LogoutParams
        {
            ProfileName = ProfileName,
            ProfileLocation = PathOf(ProfileLocation),
            All = All ? true : null,
        };
        var removed = Ask(Methods.EndLogin, request).Removed;
        WriteStep(
            All ? $"Removed {removed} sign-ins."
            : removed > 0 ? $"Removed the sign-in of {target}."
            : $"There was no sign-in of {target}."
        );
    }
}
