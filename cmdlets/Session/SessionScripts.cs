using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace RoleCredentials;

/// <summary>
/// Runs the PowerShell scripts in cmdlets/Session. Code that must run in the session's own scopes stays PowerShell: a script block as a
/// role, calls of AWS Tools' cmdlets, and the renewal between two statements. Each runspace loads the scripts once, on first use.
/// </summary>
internal static class SessionScripts
{
    private static readonly ConditionalWeakTable<Runspace, PSModuleInfo> Modules = new();

    /// <summary>Calls a function on behalf of a cmdlet.</summary>
    internal static void Invoke(RoleCmdlet cmdlet, string function, params object?[] arguments) =>
        Of(cmdlet).Invoke(Create(cmdlet, $"{function} @args"), arguments);

    /// <summary>
    /// Calls a function with positional arguments. Its output goes directly to the cmdlet's output, so that a program in it has the
    /// terminal if the cmdlet has it.
    /// </summary>
    internal static void Stream(RoleCmdlet cmdlet, string function, params object?[] arguments)
    {
        var names = arguments.Select((_, index) => $"$argument{index}").ToArray();
        var script = Create(cmdlet, $"param($module, {string.Join(", ", names)}) & $module {function} {string.Join(' ', names)}");
        object?[] values = [Of(cmdlet), .. arguments];
        using var pipeline = InFullLanguage(cmdlet, () => script.GetSteppablePipeline(CommandOrigin.Internal, values));
        try
        {
            pipeline.Begin(cmdlet);
            pipeline.Process();
            pipeline.End();
        }
        finally
        {
            // Clean exists in PowerShell 7.3 and later; the reference assembly is older.
            typeof(SteppablePipeline).GetMethod("Clean", BindingFlags.Public | BindingFlags.Instance)?.Invoke(pipeline, null);
        }
    }

    /// <summary>Stops the renewal after the module is removed from this runspace.</summary>
    internal static void Forget()
    {
        if (Runspace.DefaultRunspace is { } runspace && Modules.TryGetValue(runspace, out var module))
            module.Invoke(ScriptBlock.Create("Stop-RoleRenewal"));
    }

    private static PSModuleInfo Of(RoleCmdlet cmdlet)
    {
        var module = Modules.GetValue(Runspace.DefaultRunspace, _ =>
            InFullLanguage(cmdlet, () => new PSModuleInfo(ScriptBlock.Create(Text)))
        );
        module.SessionState.PSVariable.Set("script:CoreFolder", cmdlet.CoreFolder);
        module.SessionState.PSVariable.Set("script:Caller", cmdlet);
        return module;
    }

    private static ScriptBlock Create(RoleCmdlet cmdlet, string text) => InFullLanguage(cmdlet, () => ScriptBlock.Create(text));

    /// <summary>
    /// Script blocks, functions and modules inherit the language mode of the session that creates them. The module's own scripts need the
    /// full language even in a constrained session, as every trusted module has. The user's blocks keep their own mode.
    /// </summary>
    private static T InFullLanguage<T>(RoleCmdlet cmdlet, Func<T> make)
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
                .Select(name =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                    return reader.ReadToEnd();
                });
            return "Microsoft.PowerShell.Core\\Set-StrictMode -Version 3.0\n" + string.Join('\n', scripts);
        }
    }
}
