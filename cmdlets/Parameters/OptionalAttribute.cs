using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// A parameter for which null and an empty text mean "not given", as in AWS Tools: a CSV file cannot leave a column out of one row. The
/// value becomes null, and <see cref="InputCmdlet.Given"/> leaves it out.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public class OptionalAttribute : ArgumentTransformationAttribute
{
    /// <summary>An empty text has a meaning of its own.</summary>
    public bool IsEmptyKept { get; set; }

    public sealed override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        IsEmpty(inputData)
            ? IsEmptyKept && PlainObject(inputData) is ""
                ? inputData
                : null
            : TransformGiven(inputData!);

    internal static bool IsEmpty(object? value) =>
        PlainObject(value) is null or "" or DBNull || ReferenceEquals(value, System.Management.Automation.Internal.AutomationNull.Value);

    internal static object? PlainObject(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    /// <exception cref="ArgumentTransformationMetadataException">The value is none that the parameter takes.</exception>
    protected virtual object? TransformGiven(object value) => value;
}

/// <summary>A setting of a profile. An empty text removes it, and null does nothing.</summary>
public sealed class SettingAttribute : OptionalAttribute
{
    public SettingAttribute() => IsEmptyKept = true;
}

/// <summary>A switch, which a file can only hold as the text True or False.</summary>
public sealed class OptionalSwitchAttribute : OptionalAttribute
{
    protected override object? TransformGiven(object value) =>
        PlainObject(value) is not string text ? value
        : bool.TryParse(text, out var isPresent) ? isPresent
        : throw new ArgumentTransformationMetadataException($"'{Terminal.Escape(text)}' is neither True nor False.");
}

/// <summary>
/// A whole number. PowerShell drops a column of the pipeline that it cannot convert without a word, and takes an empty one for 0; a value
/// that this attribute refuses is an error.
/// </summary>
public sealed class OptionalNumberAttribute : OptionalAttribute
{
    protected override object? TransformGiven(object value) =>
        LanguagePrimitives.TryConvertTo<int>(value, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentTransformationMetadataException($"'{Terminal.Escape($"{value}")}' is not a whole number.");
}

/// <summary>The id of an account. As a number, in JSON or on the command line, it has lost its leading zeros, which are restored.</summary>
public sealed class AccountIdAttribute : OptionalAttribute
{
    // Numbers with fewer digits are no ids, and stay what they are, to be refused.
    private const long Least = 100_000;

    protected override object? TransformGiven(object value) =>
        PlainObject(value) switch
        {
            object?[] list => list.Select(TextOf).ToArray(),
            IList list => list.Cast<object?>().Select(TextOf).ToArray(),
            _ => TextOf(value),
        };

    private static object? TextOf(object? value) =>
        PlainObject(value) is int or long or uint or ulong or double or decimal
        && LanguagePrimitives.TryConvertTo<decimal>(value, CultureInfo.InvariantCulture, out var number)
        && number >= Least
        && decimal.IsInteger(number)
            ? number.ToString("000000000000", CultureInfo.InvariantCulture)
            : value;
}

/// <summary>A region: its name, or the object that AWS Tools have for one (RegionEndpoint, AWSRegion).</summary>
public sealed class RegionAttribute : OptionalAttribute
{
    protected override object? TransformGiven(object value)
    {
        if (PlainObject(value) is string)
            return value;
        var properties = PSObject.AsPSObject(value).Properties;
        return (properties["SystemName"] ?? properties["Region"])?.Value is string { Length: > 0 } name ? name : value;
    }
}
