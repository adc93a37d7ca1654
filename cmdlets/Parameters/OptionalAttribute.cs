using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// A parameter for which null and an empty string mean "not given", as in AWS Tools, because a CSV row cannot omit a column. The value
/// becomes null, and <see cref="InputCmdlet.Given"/> omits it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal class OptionalAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether an empty string is a value rather than "not given".</summary>
    public bool IsEmptyKept { get; set; }

    public sealed override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        GivenValue.IsEmpty(inputData)
            ? IsEmptyKept && GivenValue.Plain(inputData) is ""
                ? inputData
                : null
            : TransformGiven(inputData!);

    /// <exception cref="ArgumentTransformationMetadataException">The value is invalid.</exception>
    protected virtual object? TransformGiven(object value) => value;
}

/// <summary>A setting of a profile. An empty string removes the setting, and null leaves it as it is.</summary>
internal sealed class SettingAttribute : OptionalAttribute
{
    public SettingAttribute() => IsEmptyKept = true;
}

/// <summary>A switch. A file can hold it only as the text True or False.</summary>
internal sealed class OptionalSwitchAttribute : OptionalAttribute
{
    protected override object? TransformGiven(object value) =>
        GivenValue.Plain(value) is not string text ? value
        : bool.TryParse(text, out var isPresent) ? isPresent
        : throw new ArgumentTransformationMetadataException($"'{Terminal.Escape(text)}' is neither True nor False.");
}

/// <summary>
/// A whole number. PowerShell silently drops a pipeline value that it cannot convert, and converts an empty one to 0. This attribute
/// reports an error instead.
/// </summary>
internal sealed class OptionalNumberAttribute : OptionalAttribute
{
    protected override object? TransformGiven(object value) =>
        LanguagePrimitives.TryConvertTo<int>(value, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentTransformationMetadataException($"'{Terminal.Escape($"{value}")}' is not a whole number.");
}

/// <summary>An account id. A number, in JSON or on the command line, has lost its leading zeros; this attribute restores them.</summary>
internal sealed class AccountIdAttribute : OptionalAttribute
{
    // Smaller numbers are not account ids. They stay unchanged, so that the core rejects them.
    private const long Least = 100_000;

    protected override object? TransformGiven(object value) =>
        GivenValue.Plain(value) switch
        {
            IList list => list.Cast<object?>().Select(TextOf).ToArray(),
            _ => TextOf(value),
        };

    private static object? TextOf(object? value) =>
        GivenValue.Plain(value) is int or long or uint or ulong or double or decimal
        && LanguagePrimitives.TryConvertTo<decimal>(value, CultureInfo.InvariantCulture, out var number)
        && number >= Least
        && decimal.IsInteger(number)
            ? number.ToString("000000000000", CultureInfo.InvariantCulture)
            : value;
}

/// <summary>A region: its name, or a region object of AWS Tools (RegionEndpoint, AWSRegion).</summary>
internal sealed class RegionAttribute : OptionalAttribute
{
    protected override object? TransformGiven(object value)
    {
        if (GivenValue.Plain(value) is string)
            return value;
        var properties = PSObject.AsPSObject(value).Properties;
        return (properties["SystemName"] ?? properties["Region"])?.Value is string { Length: > 0 } name ? name : value;
    }
}
