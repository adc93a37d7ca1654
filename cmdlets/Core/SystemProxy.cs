using System.Net;

namespace RoleCredentials;

/// <summary>
/// The operating system's proxy for a destination: on Windows the Internet Options, with their configuration script, on macOS the network
/// settings. Node does not know it. The core asks before it connects, so that a command that needs no connection costs nothing. It is the
/// proxy that AWS Tools uses: <c>HttpClient.DefaultProxy</c>, which a session may replace.
/// </summary>
internal static class SystemProxy
{
    internal static string? Find(string url)
    {
        try
        {
            var destination = new Uri(url);
            var proxy = HttpClient.DefaultProxy;
            if (proxy.IsBypassed(destination) || proxy.GetProxy(destination) is not { } address || address == destination)
                return null;
            // The user's Windows password is not among these: Node cannot sign in to a proxy with Kerberos or NTLM.
            var credential = address.UserInfo == "" ? proxy.Credentials?.GetCredential(address, "Basic") : null;
            return string.IsNullOrEmpty(credential?.UserName)
                ? address.OriginalString
                : $"{address.Scheme}://{LoginOf(credential)}@{address.Authority}";
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
