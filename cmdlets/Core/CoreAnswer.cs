using System.Buffers.Text;
using System.Collections;
using System.Management.Automation;
using System.Text.Json;

namespace RoleCredentials;

/// <summary>A parsed response of the core.</summary>
internal sealed class CoreAnswer
{
    internal Hashtable? Result { get; private init; }

    /// <summary>The data of the core's error: <c>id</c>, <c>category</c>, <c>target</c>, <c>action</c> and more.</summary>
    internal Hashtable? Error { get; private init; }

    internal ErrorRecord? ErrorRecord { get; private init; }

    /// <summary>Messages for -Verbose, one line each.</summary>
    internal IReadOnlyList<string> Notes { get; private init; } = [];

    /// <summary>The id of a response line, or -1 if the line is not a response.</summary>
    internal static long IdOf(ReadOnlySpan<byte> line)
    {
        var start = "{\"jsonrpc\":\"2.0\",\"id\":"u8;
        return
            line.StartsWith(start)
            && Utf8Parser.TryParse(line[start.Length..], out long id, out var length)
            && id >= 0
            && line.Length > start.Length + length
            && line[start.Length + length] == (byte)','
            ? id
            : -1;
    }

    /// <summary>Parses a response. Returns null if it is malformed.</summary>
    internal static CoreAnswer? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            if (Json.Read(line) is not Hashtable message)
                return null;
            var notes = message["notes"] is object[] lines ? lines.OfType<string>().ToArray() : [];
            if (message["error"] is null)
            {
                return message["result"] is Hashtable result ? new CoreAnswer { Result = result, Notes = notes } : null;
            }
            return message["error"] is Hashtable error && ToErrorRecord(error) is { } record
                ? new CoreAnswer
                {
                    Error = (Hashtable)error["data"]!,
                    ErrorRecord = record,
                    Notes = notes,
                }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Converts the core's error to PowerShell's ErrorRecord.
    private static ErrorRecord? ToErrorRecord(Hashtable error)
    {
        if (error["message"] is not string message || error["data"] is not Hashtable data || data["id"] is not string id)
            return null;
        if (!Enum.TryParse(data["category"] as string, out ErrorCategory category))
            return null;
        var record = CoreFailure.Create(id, message, data["action"] as string, data["target"] as string, category);
        foreach (var name in new[] { "hop", "mfaSerial", "awsCode", "clockSkewSeconds" })
        {
            if (data[name] is { } value)
                record.Exception.Data[name] = value;
        }
        return record;
    }
}
