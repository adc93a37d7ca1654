using System.Text.Json;

namespace RoleCredentials;

/// <summary>A question of the core about the operating system, because .NET knows the answer and Node does not.</summary>
internal static class CoreQuestion
{
    /// <summary>On Linux the core asks nothing: the environment alone names the proxy, and Node sets the modes of files.</summary>
    internal static bool AreAnswered { get; } = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS();

    /// <summary>Finds the answer to a line of the core, or returns null if the line is not a question.</summary>
    internal static Func<byte[]>? AnswerTo(byte[] line)
    {
        if (!line.AsSpan().StartsWith("{\"jsonrpc\":\"2.0\",\"method\":\"$/"u8))
            return null;
        try
        {
            using var question = JsonDocument.Parse(line);
            var parameters = question.RootElement.GetProperty("params");
            string Read(string name) => parameters.GetProperty(name).GetString() ?? "";
            return question.RootElement.GetProperty("method").GetString() switch
            {
                "$/findProxy" => AnswerProxy(Read("destination")),
                "$/createFile" when OperatingSystem.IsWindows() => AnswerFile(Read("path"), Read("original")),
                _ => null,
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static Func<byte[]>? AnswerProxy(string destination) =>
        Uri.TryCreate(destination, UriKind.Absolute, out var uri)
            ? () => LineOf("$/proxy", ("destination", destination), ("proxy", SystemProxy.Find(uri)))
            : null;

    [System.Runtime.Versioning.SupportedOSPlatform("windows")]
    private static Func<byte[]> AnswerFile(string path, string original) =>
        () => LineOf("$/fileCreated", ("path", path), ("error", SimilarFile.TryCreate(path, original)));

    private static byte[] LineOf(string method, params (string Name, string? Value)[] parameters)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            writer.WriteString("method", method);
            writer.WriteStartObject("params");
            foreach (var (name, value) in parameters)
            {
                if (value is not null)
                    writer.WriteString(name, value);
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }
}
