using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RoleCredentials;

/// <summary>Completes words that are known without the core.</summary>
internal abstract class WordCompleter(IEnumerable<string> words) : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        var start = wordToComplete.Trim('\'', '"');
        return words.Where(word => word.StartsWith(start, StringComparison.OrdinalIgnoreCase)).Select(word => new CompletionResult(word));
    }
}
