function Get-RolePrompt {
    <#
    .SYNOPSIS
    The role that the session is in and the minutes left, as a text for one's
    prompt.

    .DESCRIPTION
    Get-RolePrompt gives a short text for a prompt function, and nothing
    where no role is entered. It looks at what this process knows already:
    no program is started and no file is read, so that it can run at each
    prompt.

    The text is inert: characters that would be active on a terminal do not
    come through.

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
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string] $Format
    )

    end {
        $frames = Get-RoleFrame
        if ($frames.Length -eq 0) { return }
        $frame = $frames[-1]
        $minutes = Get-MinutesLeft $frame.Expiration
        if (-not $Format) { $Format = $null -eq $minutes ? '{Name}' : '{Name} {Minutes}m' }
        $values = @{ Name = $frame.Name; Account = $frame.Account; Role = $frame.RoleName; Region = $frame.Region; Minutes = $minutes; Depth = $frames.Length }
        $text = $Format
        foreach ($name in $values.Keys) {
            # What comes from files stays inert; what the format itself holds, such as colours, is the user's own.
            $text = $text.Replace("{$name}", ([string]$values[$name] -replace '[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]', '?'))
        }
        $text
    }
}
