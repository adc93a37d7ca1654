using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// Implements -Select as in AWS Tools: '*' for the whole result, a property path (Credentials.AccessKeyId), or '^Parameter' for the value
/// of a parameter.
/// </summary>
internal sealed class ResultSelector
{
    private static readonly string[] Properties =
    [
        .. typeof(RoleCredentials).GetProperties().Select(property => property.Name),
        "Credentials",
    ];

    // What has properties of its own, and which.
    private static readonly Dictionary<string, string[]> Inner = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Credentials"] = Properties,
        ["AssumedRoleUser"] = ["Arn", "AssumedRoleId"],
        ["Expiration"] = [.. typeof(DateTime).GetProperties().Select(property => property.Name)],
    };

    /// <summary>The values of -Select that completion offers.</summary>
    internal static IEnumerable<string> Choices =>
        [
            "*",
            .. Properties,
            .. Inner["AssumedRoleUser"].Select(name => $"AssumedRoleUser.{name}"),
            .. typeof(UseRoleCommand)
                .GetProperties()
                .Where(property => property.IsDefined(typeof(ParameterAttribute), inherit: true))
                .Select(property => $"^{property.Name}"),
        ];

    private readonly InputCmdlet cmdlet;
    private readonly string? parameter;
    private readonly string[] path = [];

    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    internal ResultSelector(InputCmdlet cmdlet, string text)
    {
        this.cmdlet = cmdlet;
        if (text == "*")
            return;
        if (text.StartsWith('^'))
        {
            var named = cmdlet.MyInvocation.MyCommand.Parameters.Values.FirstOrDefault(one =>
                one.Aliases.Prepend(one.Name).Contains(text[1..], StringComparer.OrdinalIgnoreCase)
            );
            parameter = named?.Name ?? throw Invalid(text);
            return;
        }
        path = text.Split('.');
        var known = Properties;
        foreach (var name in path)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw Invalid(text);
            known = Inner.GetValueOrDefault(name, []);
        }
    }

    internal void Write(RoleCredentials result, UseRoleParams request)
    {
        object? value = result;
        if (parameter is not null)
            value = ParameterOf(request);
        foreach (var name in path)
        {
            if (value is RoleCredentials && name.Equals("Credentials", StringComparison.OrdinalIgnoreCase))
                continue;
            value = value is null ? null : PSObject.AsPSObject(value).Properties[name]?.Value;
        }
        if (value is not null)
            cmdlet.WriteObject(value, enumerateCollection: true);
    }

    // Prefers the request's value, because a later pipeline object may have changed the parameter.
    private object? ParameterOf(UseRoleParams request) =>
        typeof(UseRoleParams).GetProperty(parameter!)?.GetValue(request) ?? cmdlet.GetType().GetProperty(parameter!)?.GetValue(cmdlet);

    private Exception Invalid(string text) =>
        cmdlet.ThrowTerminating(
            "SelectInvalid",
            $"'{text}' is not a valid value of -Select.",
            "Use '*', the name of a property such as Credentials.AccessKeyId, or '^' and the name of a parameter.",
            text
        );
}

/// <summary>Completes what -Select can return: the whole result, its properties, and the parameters of the cmdlet.</summary>
internal sealed class SelectCompleter() : WordCompleter(ResultSelector.Choices);
