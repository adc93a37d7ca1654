using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace RoleCredentials;

/// <summary>
/// What runs in the session's own scopes stays PowerShell, in Private/Session: the script block as a role, AWS Tools' cmdlets, the renewal
/// between two statements. It is loaded at the first need, once in a runspace.
/// </summary>
internal static class SessionScripts
{
    private static readonly ConditionalWeakTable<Runspace, PSModuleInfo> Modules = new();

    /// <summary>Calls a function on behalf of a cmdlet.</summary>
    internal static void Invoke(RoleCmdlet cmdlet, CorePlace place, string function, params object?[] arguments) =>
        Of(cmdlet, place).Invoke(Create(cmdlet, $"{function} @args"), arguments);

    /// <summary>Calls a function with values for its parameters, in their order. Its output goes where the cmdlet's goes: a program in it has the terminal, if the cmdlet has it.</summary>
    internal static void Stream(RoleCmdlet cmdlet, CorePlace place, string function, params object?[] arguments)
    {
        var names = arguments.Select((_, index) => $"$argument{index}").ToArray();
        var script = Create(cmdlet, $"param($module, {string.Join(", ", names)}) & $module {function} {string.Join(' ', names)}");
        object?[] values = [Of(cmdlet, place), .. arguments];
        using var pipeline = InFullLanguage(cmdlet, () => script.GetSteppablePipeline(CommandOrigin.Internal, values));
        try
        {
            pipeline.Begin(cmdlet);
            pipeline.Process();
            pipeline.End();
        }
        finally
        {
            // PowerShell 7.3 and later; the reference assembly is older.
            typeof(SteppablePipeline).GetMethod("Clean", BindingFlags.Public | BindingFlags.Instance)?.Invoke(pipeline, null);
        }
    }

    /// <summary>The module was removed from this runspace: no role is renewed here any longer.</summary>
    internal static void Forget()
    {
        if (Runspace.DefaultRunspace is { } runspace && Modules.TryGetValue(runspace, out var module))
            module.Invoke(ScriptBlock.Create("Stop-RoleRenewal"));
    }

    private static PSModuleInfo Of(RoleCmdlet cmdlet, CorePlace place)
    {
        var module = Modules.GetValue(Runspace.DefaultRunspace, _ =>
            InFullLanguage(cmdlet, () => new PSModuleInfo(ScriptBlock.Create(Text)))
        );
        module.SessionState.PSVariable.Set("script:Core", place);
        module.SessionState.PSVariable.Set("script:Caller", cmdlet);
        return module;
    }

    private static ScriptBlock Create(PSCmdlet cmdlet, string text) => InFullLanguage(cmdlet, () => ScriptBlock.Create(text));

    /// <summary>
    /// Script blocks, functions and modules take over the language mode of the session in which they are made. These are the module's own,
    /// so they have the full language in a constrained session too, as every module has that the session trusts. A block of the user's
    /// keeps its own mode.
    /// </summary>
    private static T InFullLanguage<T>(PSCmdlet cmdlet, Func<T> make)
    {
        var session = cmdlet.SessionState;
        var mode = session.LanguageMode;
        session.LanguageMode = PSLanguageMode.FullLanguage;
        try
        {
            return make();
        }
        finally
        {
            session.LanguageMode = mode;
        }
    }

    private static string Text
    {
        get
        {
            var assembly = typeof(SessionScripts).Assembly;
            var scripts = assembly
                .GetManifestResourceNames()
                .Where(name => name.EndsWith(".ps1", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                    return reader.ReadToEnd();
                });
            return "Microsoft.PowerShell.Core\\Set-StrictMode -Version 3.0\n" + string.Join('\n', scripts);
        }
    }
}
