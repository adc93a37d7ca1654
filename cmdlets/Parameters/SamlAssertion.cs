using System.Globalization;
using System.Management.Automation;
using System.Security;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace RoleCredentials;

/// <summary>
/// A SAML response, and what it says about roles. STS alone decides whether it is genuine; this class reads it to offer its roles. The
/// assertion is a secret: no error quotes it.
/// </summary>
internal sealed class SamlAssertion
{
    // STS's limit for SAMLAssertion, in characters of Base64.
    private const int LongestBase64 = 100_000;
    private const string AssertionNamespace = "urn:oasis:names:tc:SAML:2.0:assertion";
    private const string AttributePrefix = "https://aws.amazon.com/SAML/Attributes/";

    private SamlAssertion(string base64) => Base64 = base64;

    /// <summary>The form that STS takes.</summary>
    internal string Base64 { get; }

    /// <summary>The roles that the assertion offers, each once.</summary>
    internal List<SamlRole> Roles { get; } = [];

    /// <summary>SessionDuration in seconds, if it is valid.</summary>
    internal int? SessionDuration { get; private set; }

    /// <summary>Whether only AWS can read the attributes.</summary>
    internal bool IsEncrypted { get; private set; }

    /// <summary>Whether a pipeline text is an assertion: long Base64 of something that begins with an angle bracket.</summary>
    internal static bool IsText(string text) =>
        text.Length > 200 && text.TrimStart() is ['P', >= 'D' and <= 'H', ..] start && start.AsSpan().IndexOf(':') < 0;

    /// <summary>Reads the value of -SamlAssertion: text, a SecureString, a file, or the path of one.</summary>
    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    internal static SamlAssertion Read(RoleCmdlet cmdlet, object given)
    {
        var base64 = Base64Of(cmdlet, given);
        var bytes = new byte[LongestBase64];
        if (base64.Length > LongestBase64)
            throw Invalid(cmdlet, $"is longer than {LongestBase64} characters, which AWS does not accept");
        if (base64 == "" || !Convert.TryFromBase64String(base64, bytes, out var length))
            throw Invalid(cmdlet, "is not Base64");
        var assertion = new SamlAssertion(base64);
        try
        {
            assertion.ReadXml(new MemoryStream(bytes, 0, length));
        }
        catch (XmlException)
        {
            // The exception's text quotes the assertion.
            throw Invalid(cmdlet, "is not well-formed XML, or has a document type, which is not read");
        }
        return assertion;
    }

    private static string Base64Of(RoleCmdlet cmdlet, object given)
    {
        var text = GivenValue.Plain(given) switch
        {
            SecureString => GivenValue.SecretOf(given),
            FileInfo file => TextOfFile(cmdlet, file.FullName),
            var other => GivenValue.TextOf(other),
        };
        text = text.Trim();
        if (text.Length < 1000 && !text.StartsWith('<') && FilePath.Find(cmdlet, text) is { } path)
            text = TextOfFile(cmdlet, path).Trim();
        // Identity providers and mail programs break lines.
        return text.StartsWith('<')
            ? Convert.ToBase64String(Encoding.UTF8.GetBytes(text))
            : string.Concat(text.Where(one => !char.IsWhiteSpace(one)));
    }

    private static string TextOfFile(RoleCmdlet cmdlet, string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[2 * LongestBase64];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length == bytes.Length
                ? throw Invalid(cmdlet, $"is longer than {LongestBase64} characters, which AWS does not accept")
                : Encoding.UTF8.GetString(bytes, 0, length).TrimStart('\ufeff');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw cmdlet.ThrowTerminating(
                "SamlAssertionUnreadable",
                $"The file of the SAML assertion cannot be read: {error.Message}",
                "Check the path and the permissions of the file.",
                path,
                ErrorCategory.ReadError
            );
        }
    }

    // Reads no document type and no external entity, so that the text cannot expand or refer to a file.
    private void ReadXml(Stream xml)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = LongestBase64,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        using var reader = XmlReader.Create(xml, settings);
        string? attribute = null;
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element || reader.NamespaceURI != AssertionNamespace)
                continue;
            if (reader.LocalName == "EncryptedAssertion")
                IsEncrypted = true;
            else if (reader.LocalName == "Attribute")
                attribute = reader.GetAttribute("Name");
            else if (reader.LocalName == "AttributeValue" && attribute is not null)
                Take(attribute, TextOf(reader).Trim());
        }
    }

    // The text of a value, also if comments or elements divide it.
    private static string TextOf(XmlReader reader)
    {
        using var inner = reader.ReadSubtree();
        return XElement.Load(inner).Value;
    }

    private void Take(string attribute, string value)
    {
        if (attribute == $"{AttributePrefix}Role")
        {
            if (SamlRole.Of(value) is { } role && !Roles.Contains(role))
                Roles.Add(role);
        }
        else if (
            attribute == $"{AttributePrefix}SessionDuration"
            && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 900 and <= 43_200
        )
            SessionDuration = seconds;
    }

    private static Exception Invalid(RoleCmdlet cmdlet, string what) =>
        cmdlet.ThrowTerminating(
            "SamlAssertionInvalid",
            $"The SAML assertion {what}.",
            "Pass the SAMLResponse that the identity provider sends to AWS, as Base64 text, as SecureString, or as a file.",
            "SamlAssertion"
        );
}

/// <summary>A role, and the identity provider in IAM through which it is assumed.</summary>
internal sealed record SamlRole(string RoleArn, string PrincipalArn)
{
    /// <summary>Parses a value of the attribute Role: the two ARNs in either order. Returns null for anything else.</summary>
    internal static SamlRole? Of(string value)
    {
        var arns = value.Split(',', StringSplitOptions.TrimEntries);
        if (arns.Length != 2 || arns.Any(arn => arn.Split(':') is not ["arn", _, "iam", "", { Length: 12 }, _]))
            return null;
        var role = arns.FirstOrDefault(arn => arn.Contains(":role/", StringComparison.Ordinal));
        var provider = arns.FirstOrDefault(arn => arn.Contains(":saml-provider/", StringComparison.Ordinal));
        return role is null || provider is null ? null : new SamlRole(role, provider);
    }

    /// <summary>Whether the request parameters name this role, or leave it open.</summary>
    internal bool IsNamedBy(NamedRole role) =>
        (role.RoleArn is null || role.RoleArn == RoleArn)
        && (role.RoleName is null || role.RoleName.TrimStart('/') == View.RoleNameOf(RoleArn))
        && (role.AccountId is null || role.AccountId == Account);

    internal string Account => RoleArn.Split(':')[4];

    internal string Provider => PrincipalArn[(PrincipalArn.LastIndexOf('/') + 1)..];
}
