using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RoleCredentials;

/// <summary>Completes values from the profile files and the history: see src/completion. Never calls AWS, prompts or fails.</summary>
internal sealed class RoleCompleter : IArgumentCompleter
{
    // In milliseconds. A user who types won't wait longer.
    private const int Patience = 3000;

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
            // The caller's folder and drives.
            var path = (PathIntrinsics)ScriptBlock.Create("$ExecutionContext.SessionState.Path").Invoke()[0].BaseObject;
            string? Given(string name) => fakeBoundParameters.Contains(name) ? GivenValue.TextOf(fakeBoundParameters[name]) : null;
            var request = new CompletionParams
            {
                Subject = SubjectOf(commandName, parameterName, commandAst),
                Word = wordToComplete.Trim('\'', '"'),
                AccountId = Given("AccountId"),
                RoleName = Given("RoleName"),
                RoleArn = Given("RoleArn"),
                SsoSession = Given("SsoSession"),
                ProfileLocation = Given("ProfileLocation") is { } location ? path.GetUnresolvedProviderPathFromPSPath(location) : null,
            };
            var asked = RoleCore.Send(
                CoreFolder.Own,
                Methods.Complete,
                request,
                RoleStack.EnvironmentOf(isChain: false),
                path.CurrentFileSystemLocation.ProviderPath
            );
            if (RoleCore.Receive([asked], Patience, null) is null)
                asked.Cancel();
            return (asked.Result?.Completions ?? []).Select(one => ResultOf(one.Text, one.Tip)).ToArray();
        }
        catch (Exception error) when (error is RuntimeException or ArgumentException or NotSupportedException)
        {
            return [];
        }
    }

    // The core's name for the values of a parameter. Position 0 of some cmdlets takes profiles and ARNs.
    private static string SubjectOf(string command, string parameter, CommandAst ast)
    {
        var first = command.EndsWith("Test-Role", StringComparison.OrdinalIgnoreCase) ? "ProfileName" : "RoleArn";
        if (
            parameter == first
            && (
                command.EndsWith("-Role", StringComparison.OrdinalIgnoreCase)
                || command.EndsWith("-RoleConsole", StringComparison.OrdinalIgnoreCase)
            )
        )
        {
            var isNamed = ast
                .CommandElements.OfType<CommandParameterAst>()
                .Any(one => first.StartsWith(one.ParameterName, StringComparison.OrdinalIgnoreCase));
            if (!isNamed)
                return "roleOrProfile";
        }
        return parameter switch
        {
            "ProfileName" or "SourceProfile" or "StoreAs" => "profile",
            "RoleArn" => "role",
            "AccountId" => "account",
            "PolicyArn" => "policy",
            "SsoRegion" => "region",
            _ => RoleRequest.WireName(parameter),
        };
    }

    internal static CompletionResult ResultOf(string text, string tip)
    {
        var literal = IsPlain(text) ? text : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
        return new CompletionResult(literal, text, CompletionResultType.ParameterValue, tip);
    }

    // Whether the text needs no quotes. An account id that begins with 0 does, or PowerShell would parse it as a number.
    private static bool IsPlain(string text) =>
        text.Length > 0
        && (char.IsAsciiLetter(text[0]) || text[0] is (>= '1' and <= '9') or '_' or '.' or '/' or ':')
        && text.All(one => char.IsAsciiLetterOrDigit(one) || "_./:+=@%-".Contains(one));
}
