using System.Collections;
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

    private readonly InputCmdlet cmdlet;
    private readonly string? parameter;
    private readonly string[] path = [];

    /// <exception cref="PipelineStoppedException">The cmdlet was ended with an error.</exception>
    internal ResultSelector(InputCmdlet cmdlet, string text)
    {
        this.cmdlet = cmdlet;
        if (text == "*")
            return;
        if (text.StartsWith('^'))
        {
            var known = cmdlet.MyInvocation.MyCommand.Parameters;
            if (
                !known.ContainsKey(text[1..]) && !known.Values.Any(one => one.Aliases.Contains(text[1..], StringComparer.OrdinalIgnoreCase))
            )
                throw Invalid(text);
            parameter = cmdlet.MyInvocation.MyCommand.ResolveParameter(text[1..]).Name;
            return;
        }
        path = text.Split('.');
        if (!Properties.Contains(path[0], StringComparer.OrdinalIgnoreCase))
            throw Invalid(text);
    }

    internal void Write(RoleCredentials result, Hashtable request)
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
    private object? ParameterOf(Hashtable request) =>
        request[RoleRequest.WireName(parameter!)] ?? cmdlet.GetType().GetProperty(parameter!)?.GetValue(cmdlet);

    private Exception Invalid(string text) =>
        RoleRequest.ThrowTerminating(
            cmdlet,
            "SelectInvalid",
            $"'{text}' is not a valid value of -Select.",
            "Use '*', the name of a property such as Credentials.AccessKeyId, or '^' and the name of a parameter.",
            text
        );
}
