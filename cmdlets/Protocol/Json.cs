using System.Collections;
using System.Management.Automation;
using System.Text.Json;

namespace RoleCredentials;

/// <summary>JSON for the messages between PowerShell and the core: strings, numbers, booleans, null, dictionaries and lists.</summary>
internal static class Json
{
    internal static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value is PSObject wrapped ? wrapped.BaseObject : value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool yes:
                writer.WriteBooleanValue(yes);
                break;
            case SwitchParameter given:
                writer.WriteBooleanValue(given.IsPresent);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            // Numbers in responses are doubles.
            case double number:
                writer.WriteNumberValue(number);
                break;
            case IDictionary members:
                writer.WriteStartObject();
                foreach (DictionaryEntry member in members)
                {
                    writer.WritePropertyName((string)member.Key);
                    Write(writer, member.Value);
                }
                writer.WriteEndObject();
                break;
            case IEnumerable items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case var other:
                throw new ArgumentException($"A {other.GetType()} cannot be written as JSON.");
        }
    }

    internal static string Text(object? value)
    {
        using var bytes = new MemoryStream();
        // The relaxed encoder is safe here, because the text is for a terminal and not for a web page.
        using (
            var writer = new Utf8JsonWriter(
                bytes,
                new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
            )
        )
            Write(writer, value);
        return System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Hashtables, arrays, strings, doubles, booleans and null.</summary>
    /// <exception cref="JsonException">The text is not valid JSON, or holds more than one value.</exception>
    internal static object? Read(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        reader.Read();
        var value = ReadValue(ref reader);
        return reader.Read() ? throw new JsonException() : value;
    }

    private static object? ReadValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                // Ordinal, because keys may be names from files.
                var table = new Hashtable(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    reader.Read();
                    table[name] = ReadValue(ref reader);
                }
                return table;
            case JsonTokenType.StartArray:
                var items = new List<object?>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(ReadValue(ref reader));
                return items.ToArray();
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number:
                return reader.GetDouble();
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            default:
                return null;
        }
    }
}
