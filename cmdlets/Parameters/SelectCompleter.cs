using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RoleCredentials;

/// <summary>Completes what -Select can return: the whole result, its properties, and the parameters of the cmdlet.</summary>
public sealed class SelectCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        var word = wordToComplete.Trim('\'', '"');
        return ResultSelector
            .Choices.Where(choice => choice.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(choice => new CompletionResult(choice));
    }
}
