/*
.SYNOPSIS
Returns the current role and the minutes left, for your prompt.

.DESCRIPTION
Get-RolePrompt returns a short text for a prompt function, or nothing if
no role is entered. It uses only the state of this process: it starts no
program and reads no file, so it is fast enough for every prompt.

It escapes control, bidirectional and invisible characters in names as
\uXXXX.

.PARAMETER Format
The format of the text. {Name} is the name of the profile, or of the role
if there is no profile. {Account}, {Role}, {Region} and {Minutes} are the
role's values, and {Depth} is the number of entered roles. Unknown values
are empty. Default: '{Name} {Minutes}m', or '{Name}' if the credentials
do not expire.

.INPUTS
None.

.OUTPUTS
System.String, or nothing.

.EXAMPLE
PS> function prompt { "$(if ($role = Get-RolePrompt) { "[$role] " })PS $pwd> " }
PS /home/jo> Enter-Role -ProfileName prod
[prod 59m] PS /home/jo>

Shows the role at the start of the prompt.

.EXAMPLE
PS> Get-RolePrompt -Format '{Name}@{Account} ({Region})'
prod@123456789012 (eu-west-1)

Uses a custom format.

.EXAMPLE
PS> $Host.UI.RawUI.WindowTitle = "$(Get-RolePrompt) PowerShell"; $Host.UI.RawUI.WindowTitle
prod 59m PowerShell

Shows the role in the title of the window.

.NOTES
Error ids: none.

docs/prompt.md has snippets for starship and oh-my-posh, which read
AWSU_PROFILE, AWS_REGION and AWS_CREDENTIAL_EXPIRATION from the
environment.

.LINK
about_Prompts

.LINK
Enter-Role

.LINK
Get-Role
*/
using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace RoleCredentials;

/// <summary>Formats the current role for a prompt. Makes no calls and takes microseconds, because it runs at every prompt.</summary>
[Cmdlet("Get", "RolePrompt")]
[OutputType(typeof(string))]
public sealed class GetRolePromptCommand : RoleCmdlet
{
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Format { get; set; }

    protected override void EndProcessing()
    {
        var frames = RoleStack.Frames;
        if (frames.Length == 0)
            return;
        var frame = frames[^1];
        var minutes = View.MinutesLeft(frame.Expiration);
        var text = new StringBuilder(Format ?? (minutes is null ? "{Name}" : "{Name} {Minutes}m"));
        foreach (
            var (name, value) in new (string, object?)[]
            {
                ("Name", frame.Name),
                ("Account", frame.Account),
                ("Role", frame.RoleName),
                ("Region", frame.Region),
                ("Minutes", minutes),
                ("Depth", frames.Length),
            }
        )
        {
            // The user's format may contain colors. The values come from files, so escape them.
            text.Replace($"{{{name}}}", Terminal.Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
        }
        WriteObject(text.ToString());
    }
}
