using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Net;
using System.Security;

namespace RoleCredentials;

/// <summary>A value of the command line or the pipeline, which PowerShell may have wrapped.</summary>
internal static class GivenValue
{
    internal static object? Plain(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    internal static bool IsEmpty(object? value) => Plain(value) is null or "" or DBNull || ReferenceEquals(value, AutomationNull.Value);

    /// <summary>Whether nothing is in the value, or an element of it is empty.</summary>
    internal static bool HoldsEmpty(object? value) =>
        IsEmpty(value) || (Plain(value) is IList list && (list.Count == 0 || list.Cast<object?>().Any(IsEmpty)));

    /// <summary>
    /// Converts as PowerShell does: null becomes an empty string. A string skips the conversion, which takes longer than a cached role.
    /// </summary>
    internal static string TextOf(object? value) => value as string ?? LanguagePrimitives.ConvertTo<string>(value);

    /// <summary>The text of a secret given as text, as SecureString, or as the password of a PSCredential.</summary>
    internal static string SecretOf(object? secret) =>
        Plain(secret) switch
        {
            PSCredential credential => SecretOf(credential.Password),
            SecureString hidden => new NetworkCredential("", hidden).Password,
            var other => TextOf(other),
        };
}
