using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RoleCredentials;

/// <summary>Completes the installed browsers, and the profiles of the browser that -Browser names.</summary>
internal sealed class BrowserCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        try
        {
            var word = wordToComplete.Trim('\'', '"');
            return
            [
                .. (parameterName == "Browser" ? Browsers() : Profiles(fakeBoundParameters))
                    .Where(one => one.Text.StartsWith(word, StringComparison.OrdinalIgnoreCase) && Terminal.Escape(one.Text) == one.Text)
                    .Select(one => RoleCompleter.ResultOf(one.Text, Terminal.Escape(one.Tip))),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            return [];
        }
    }

    private static IEnumerable<(string Text, string Tip)> Browsers() =>
        KnownBrowser.Installed.Select(browser => (browser.Name, browser.Find()!));

    private static IEnumerable<(string Text, string Tip)> Profiles(IDictionary given)
    {
        var name =
            given.Contains("Browser") ? GivenValue.TextOf(given["Browser"])
            : given.Contains("Container") ? "Firefox"
            : "";
        return KnownBrowser.Named(name) is { } browser
            ? BrowserProfile.Of(browser).Select(profile => (profile.Name, $"{browser.Name}: {profile.Id}"))
            : [];
    }
}
