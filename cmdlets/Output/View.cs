using System.Globalization;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Builds the objects that cmdlets return.</summary>
internal static class View
{
    /// <summary>An object with these properties, and the type name that the format file uses.</summary>
    internal static PSObject Of(string typeName, params (string Name, object? Value)[] properties)
    {
        var view = new PSObject();
        view.TypeNames.Insert(0, typeName);
        foreach (var (name, value) in properties)
            view.Properties.Add(new PSNoteProperty(name, Terminal.Shown(value)));
        return view;
    }

    internal static string? Text(string? value) => value is { Length: > 0 } text ? text : null;

    internal static DateTime? Time(string? text) =>
        text is { Length: > 0 } time ? DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) : null;

    /// <summary>Whole minutes, at least 0; null if the credentials do not expire.</summary>
    internal static int? MinutesLeft(DateTime? expiration) =>
        expiration is { } end ? (int)Math.Max(0, Math.Floor((end - DateTime.UtcNow).TotalMinutes)) : null;

    /// <summary>The name of a role with its path: the part after <c>:role/</c> in its ARN.</summary>
    internal static string RoleNameOf(string arn) => arn[(arn.IndexOf(":role/", StringComparison.Ordinal) + 6)..];
}
