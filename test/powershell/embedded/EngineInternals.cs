using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace EmbeddedPowerShell;

/// <summary>
/// The two things that pwsh does and the engine's public face does not offer. The engine's version is pinned in the project
/// file, so a change shows when the pin moves and not on somebody's machine.
/// </summary>
internal static class EngineInternals
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    /// <summary>Otherwise <c>exit 3</c> in a script file ends the script alone, and the program would answer 0.</summary>
    internal static void LetExitOfScriptFileEndTheSession(Runspace runspace)
    {
        var context = Property(typeof(Runspace), "ExecutionContext").GetValue(runspace)!;
        Property(context.GetType(), "ScriptCommandProcessorShouldRethrowExit").SetValue(context, true);
    }

    /// <summary>Marks a record as an error that was not written but thrown, so that Out-Default sends it to stderr.</summary>
    internal static PSObject ForErrorStream(ErrorRecord record)
    {
        var stream = Property(typeof(PSObject), "WriteStream");
        var marked = new PSObject(record);
        stream.SetValue(marked, Enum.Parse(stream.PropertyType, "Error"));
        return marked;
    }

    private static PropertyInfo Property(Type type, string name) =>
        type.GetProperty(name, Hidden) ?? throw new MissingMemberException(type.FullName, name);
}
