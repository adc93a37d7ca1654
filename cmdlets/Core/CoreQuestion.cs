using System.Runtime.Versioning;
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
            return Json.Read<Question>(line) switch
            {
                { Method: "$/findProxy", Params.Destination: { } destination } => () =>
                    Json.LineOf("$/proxy", new ProxyAnswer(destination, SystemProxy.Find(destination))),
                { Method: "$/createFile", Params: { Path: { } path, Original: { } original } } when OperatingSystem.IsWindows() =>
                    AnswerFile(path, original),
                _ => null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [SupportedOSPlatform("windows")]
    private static Func<byte[]> AnswerFile(string path, string original) =>
        () => Json.LineOf("$/fileCreated", new FileAnswer(path, StagedFile.TryCreate(path, original)));

    private sealed record Question(string Method, QuestionParams Params) : Message;

    private sealed record QuestionParams(string? Destination, string? Path, string? Original) : Message;

    private sealed record ProxyAnswer(string Destination, string? Proxy) : Message;

    private sealed record FileAnswer(string Path, string? Error) : Message;
}
