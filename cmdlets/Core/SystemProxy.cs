using System.Net;
using System.Text.Json;

namespace RoleCredentials;

/// <summary>
/// The operating system's proxy for a destination: on Windows the Internet Options, with their configuration script, on macOS the network
/// settings. Node does not know it. The core asks before it connects, so that a command that needs no connection costs nothing. It is the
/// proxy that AWS Tools uses: <c>HttpClient.DefaultProxy</c>, which a session may replace.
/// </summary>
internal static class SystemProxy
{
    /// <summary>On Linux the environment alone names the proxy, and each request carries it.</summary>
    internal static bool IsKnown { get; } = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS();

    /// <summary>The answer to a line of the core that asks for a proxy, or null if the line is something else.</summary>
    internal static Func<byte[]>? AnswerTo(byte[] line)
    {
        if (!line.AsSpan().StartsWith("{\"jsonrpc\":\"2.0\",\"method\":\"$/findProxy\","u8))
            return null;
        try
        {
            using var question = JsonDocument.Parse(line);
            var text = question.RootElement.GetProperty("params").GetProperty("destination").GetString();
            return Uri.TryCreate(text, UriKind.Absolute, out var destination) ? () => LineOf(text, Find(destination)) : null;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static byte[] LineOf(string destination, string? proxy)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            writer.WriteString("method", "$/proxy");
            writer.WriteStartObject("params");
            writer.WriteString("destination", destination);
            if (proxy is not null)
                writer.WriteString("proxy", proxy);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    private static string? Find(Uri destination)
    {
        try
        {
            var proxy = HttpClient.DefaultProxy;
            if (proxy.IsBypassed(destination) || proxy.GetProxy(destination) is not { } address || address == destination)
                return null;
            // The user's Windows password is not among these: Node cannot sign in to a proxy with Kerberos or NTLM.
            var credential = address.UserInfo == "" ? proxy.Credentials?.GetCredential(address, "Basic") : null;
            var login = string.IsNullOrEmpty(credential?.UserName) ? "" : $"{LoginOf(credential)}@";
            return login == "" ? address.OriginalString : $"{address.Scheme}://{login}{address.Authority}";
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Any object can be the session's proxy. The request then connects directly, and reports what it cannot reach.
            return null;
        }
    }

    private static string LoginOf(NetworkCredential credential)
    {
        var user = credential.Domain is { Length: > 0 } domain ? $"{domain}\\{credential.UserName}" : credential.UserName;
        return $"{Uri.EscapeDataString(user)}:{Uri.EscapeDataString(credential.Password)}";
    }
}
