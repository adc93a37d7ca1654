/*
.SYNOPSIS
The role that the session is in and the minutes left, as a text for one's
prompt.

.DESCRIPTION
Get-RolePrompt gives a short text for a prompt function, and nothing
where no role is entered. It looks at what this process knows already:
no program is started and no file is read, so that it can run at each
prompt.

Names are escaped: a control, bidirectional or invisible character in one
is shown as \uXXXX.

.PARAMETER Format
What the text looks like. {Name} is the profile's or else the role's
name, {Account}, {Role}, {Region} and {Minutes} are what they say,
{Depth} is the number of roles one is in. What is not known is empty.
Default: '{Name} {Minutes}m', or '{Name}' where nothing expires.

.INPUTS
None.

.OUTPUTS
System.String, or nothing.

.EXAMPLE
PS> function prompt { "$(if ($role = Get-RolePrompt) { "[$role] " })PS $pwd> " }
PS /home/jo> Enter-Role -ProfileName prod
[prod 59m] PS /home/jo>

A prompt function with the role in front.

.EXAMPLE
PS> Get-RolePrompt -Format '{Name}@{Account} ({Region})'
prod@123456789012 (eu-west-1)

A text of one's own.

.EXAMPLE
PS> $Host.UI.RawUI.WindowTitle = "$(Get-RolePrompt) PowerShell"; $Host.UI.RawUI.WindowTitle
prod 59m PowerShell

The same in the title of the window.

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

/// <summary>Asks nobody, and takes microseconds: a prompt is drawn at every line.</summary>
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
            // The format is the user's own and may hold colours; the values come from files.
            text.Replace($"{{{name}}}", Terminal.Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
        }
        WriteObject(text.ToString());
    }
}
