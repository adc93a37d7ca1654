using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace RoleCredentials;

/// <summary>
/// Reads and writes messages. System.Text.Json's own serializer, with generated code, takes 40 ms longer on its first use: the assembly is
/// not compiled ahead, so PowerShell compiles that code. Fields are read by reflection, which compiles nothing.
/// </summary>
internal static class Json
{
    private static readonly ConcurrentDictionary<Type, Member[]> Members = new();

    /// <summary>
    /// A line of JSON-RPC 2.0: a request, or a notification, which has no id. Members of a message that are null are absent; values of a
    /// dictionary that are null are written.
    /// </summary>
    internal static byte[] LineOf(string method, Message parameters, int? id = null)
    {
        using var bytes = new MemoryStream(4096);
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            if (id is { } number)
                writer.WriteNumber("id", number);
            writer.WriteString("method", method);
            writer.WritePropertyName("params");
            Write(writer, parameters, hidesSecrets: false);
            writer.WriteEndObject();
        }
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    /// <summary>A message as text for a person, with its secrets masked.</summary>
    internal static string Text(Message message)
    {
        using var bytes = new MemoryStream();
        // The relaxed encoder is safe here, because the text is for a terminal and not for a web page.
        using (
            var writer = new Utf8JsonWriter(
                bytes,
                new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
            )
        )
            Write(writer, message, hidesSecrets: true);
        return System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Reads a message, and ignores members that its type lacks.</summary>
    /// <exception cref="JsonException">The text is not JSON, or not of this type, or lacks a required member.</exception>
    internal static T Read<T>(ReadOnlySpan<byte> text)
        where T : Message
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            reader.Read();
            var message = (T)Read(ref reader, typeof(T));
            return reader.Read() ? throw new JsonException() : message;
        }
        catch (InvalidOperationException error)
        {
            // Half of a surrogate pair.
            throw new JsonException(null, error);
        }
    }

    private static void Write(Utf8JsonWriter writer, object? value, bool hidesSecrets)
    {
        switch (value)
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
            case int number:
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case Message message:
                writer.WriteStartObject();
                foreach (var member in MembersOf(message.GetType()))
                    if (member.Field.GetValue(message) is { } held)
                        WriteMember(writer, member.Name, held, hidesSecrets);
                writer.WriteEndObject();
                break;
            case IDictionary entries:
                writer.WriteStartObject();
                foreach (DictionaryEntry entry in entries)
                    WriteMember(writer, (string)entry.Key, entry.Value, hidesSecrets);
                writer.WriteEndObject();
                break;
            case IEnumerable items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(writer, item, hidesSecrets);
                writer.WriteEndArray();
                break;
            default:
                throw new ArgumentException($"A {value.GetType()} cannot be written as JSON.");
        }
    }

    private static void WriteMember(Utf8JsonWriter writer, string name, object? value, bool hidesSecrets)
    {
        writer.WritePropertyName(name);
        if (hidesSecrets && value is not null && Redaction.IsSecret(name, value))
            writer.WriteStringValue(Redaction.Mask);
        else
            Write(writer, value, hidesSecrets);
    }

    private static object Read(ref Utf8JsonReader reader, Type type)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String when type == typeof(string):
                return reader.GetString()!;
            case JsonTokenType.True or JsonTokenType.False when type == typeof(bool):
                return reader.TokenType == JsonTokenType.True;
            case JsonTokenType.Number when type == typeof(int) && reader.TryGetInt32(out var number):
                return number;
            case JsonTokenType.Number when type == typeof(double):
                return reader.GetDouble();
            case JsonTokenType.StartObject when type == typeof(Dictionary<string, string>):
                return ReadTexts(ref reader);
            case JsonTokenType.StartObject when type.IsAssignableTo(typeof(Message)):
                return ReadMessage(ref reader, type);
            case JsonTokenType.StartArray when type.GetElementType() is { } itemType:
                return ReadItems(ref reader, itemType);
            default:
                throw new JsonException($"A {reader.TokenType} is not a {type.Name}.");
        }
    }

    private static Dictionary<string, string> ReadTexts(ref Utf8JsonReader reader)
    {
        // Ordinal, because keys may be names from files.
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            texts[name] = (string)Read(ref reader, typeof(string));
        }
        return texts;
    }

    private static Array ReadItems(ref Utf8JsonReader reader, Type itemType)
    {
        var items = new ArrayList();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(Read(ref reader, itemType));
        return items.ToArray(itemType);
    }

    private static object ReadMessage(ref Utf8JsonReader reader, Type type)
    {
        var members = MembersOf(type);
        // Its constructor would set nothing, and may have parameters.
        var message = RuntimeHelpers.GetUninitializedObject(type);
        var missing = members.Count(member => member.IsRequired);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString();
            var member = Array.Find(members, member => member.Name == name);
            reader.Read();
            if (member is null)
            {
                reader.Skip();
                continue;
            }
            if (reader.TokenType == JsonTokenType.Null)
                continue;
            member.Field.SetValue(message, Read(ref reader, member.Type));
            if (member.IsRequired)
                missing--;
        }
        return missing == 0 ? message : throw new JsonException($"A {type.Name} lacks a member.");
    }

    private static Member[] MembersOf(Type type) =>
        Members.GetOrAdd(type, static type => [.. type.GetProperties().Select(property => new Member(property))]);

    private sealed class Member(PropertyInfo property)
    {
        internal readonly string Name = RoleRequest.WireName(property.Name);

        /// <summary>The field in which the compiler keeps the property.</summary>
        internal readonly FieldInfo Field = property.DeclaringType!.GetField(
            $"<{property.Name}>k__BackingField",
            BindingFlags.Instance | BindingFlags.NonPublic
        )!;

        internal readonly Type Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

        internal readonly bool IsRequired = property.IsDefined(typeof(RequiredMemberAttribute), inherit: false);
    }
}
