using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace EmbeddedPowerShell;

/// <summary>One runspace from start to end: runs what the command line asks for, then reads commands until the input or an <c>exit</c> ends them.</summary>
internal sealed class Session(CommandLine line, EmbeddedHost host)
{
    private readonly Runspace runspace = RunspaceFactory.CreateRunspace(host, State(line));
    private readonly Stack<Pipeline> running = new();
    private bool failed;

    internal int Run()
    {
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        runspace.SessionStateProxy.SetVariable("PROFILE", Path.Combine(
            Environment.GetFolderPath(OperatingSystem.IsWindows() ? Environment.SpecialFolder.Personal : Environment.SpecialFolder.ApplicationData),
            OperatingSystem.IsWindows() ? "PowerShell" : "powershell",
            "Microsoft.PowerShell_profile.ps1"));
        Runspace.DefaultRunspace = runspace;
        host.NestedPrompt = () => new CommandLoop(this, host, isNested: true).Run();
        Console.CancelKeyPress += (_, signal) =>
        {
            signal.Cancel = true;
            StopRunning();
        };
        if (GoToWorkingDirectory())
        {
            RunWhatWasAsked();
        }
        if (!line.RunsOnce && host.ExitCode is null)
        {
            Greet();
            new CommandLoop(this, host, isNested: false).Run();
        }
        var code = host.ExitCode ?? (failed || !LastCommandSucceeded() ? 1 : 0);
        // Raises PowerShell.Exiting, for modules that have something to put away.
        runspace.Close();
        return code;
    }

    /// <summary>Runs one command of the loop; what it throws is shown as PowerShell shows errors. Returns false when the command is not complete yet.</summary>
    internal bool RunLine(string command, bool isNested)
    {
        var pipeline = isNested ? runspace.CreateNestedPipeline(command, addToHistory: true) : runspace.CreatePipeline(command, addToHistory: true);
        var error = Invoke(pipeline);
        if (error is IncompleteParseException)
        {
            return false;
        }
        Show(error, isNested);
        return true;
    }

    /// <summary>What a function such as <c>prompt</c> returns, as text; empty when it fails.</summary>
    internal string Evaluate(string command, bool isNested)
    {
        using var pipeline = isNested ? runspace.CreateNestedPipeline(command, addToHistory: false) : runspace.CreatePipeline(command);
        try
        {
            return string.Concat(pipeline.Invoke().Take(1));
        }
        catch (RuntimeException)
        {
            return "";
        }
    }

    internal CommandCompletion Complete(string text, int cursor)
    {
        using var shell = PowerShell.Create();
        shell.Runspace = runspace;
        return CommandCompletion.CompleteInput(text, cursor, null, shell);
    }

    private static InitialSessionState State(CommandLine line)
    {
        // Not CreateDefault: that one wants ConsoleHost.dll, which NuGet's engine comes without.
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            // Scripts of this repository are not signed; machines that demand it would fail every test.
            state.ExecutionPolicy = Enum.TryParse(line.ExecutionPolicy, ignoreCase: true, out Microsoft.PowerShell.ExecutionPolicy policy)
                ? policy
                : Microsoft.PowerShell.ExecutionPolicy.Bypass;
        }
        return state;
    }

    private bool GoToWorkingDirectory()
    {
        if (line.WorkingDirectory is null)
        {
            return true;
        }
        try
        {
            runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(line.WorkingDirectory));
            return true;
        }
        catch (RuntimeException error)
        {
            Fail(error);
            return line.NoExit;
        }
    }

    private void RunWhatWasAsked()
    {
        if (line.File is not null)
        {
            Fail(Invoke(FilePipeline(line.File), ReadsInput(Parser.ParseFile(line.File, out _, out _))));
        }
        else if (!string.IsNullOrEmpty(line.Command))
        {
            Fail(Invoke(runspace.CreatePipeline(line.Command, addToHistory: true), ReadsInput(Parser.ParseInput(line.Command, out _, out _))));
        }
    }

    private Pipeline FilePipeline(string path)
    {
        // A script without the extension has a #! line and is read as text, where that is the custom.
        var isScriptFile = OperatingSystem.IsWindows() || path.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase);
        var command = isScriptFile
            ? new Command(path, isScript: false, useLocalScope: false)
            : new Command(File.ReadAllText(path), isScript: true, useLocalScope: false);
        line.Arguments.ForEach(command.Parameters.Add);
        if (!line.NoExit)
        {
            EngineInternals.LetExitOfScriptFileEndTheSession(runspace);
        }
        var pipeline = runspace.CreatePipeline();
        pipeline.Commands.Add(command);
        return pipeline;
    }

    private static bool ReadsInput(Ast script) =>
        Console.IsInputRedirected && script.Find(ast => ast is VariableExpressionAst { VariablePath.UserPath: "input" }, searchNestedScriptBlocks: true) is not null;

    private Exception? Invoke(Pipeline pipeline, bool withStdin = false)
    {
        const PipelineResultTypes errors = PipelineResultTypes.Error;
        pipeline.Commands[0].MergeMyResults(errors, PipelineResultTypes.Output);
        pipeline.Commands.Add(OutDefault());
        lock (running)
        {
            running.Push(pipeline);
        }
        try
        {
            _ = withStdin ? pipeline.Invoke(StdinLines()) : pipeline.Invoke();
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
        finally
        {
            lock (running)
            {
                running.Pop();
            }
            pipeline.Dispose();
            host.UserInterface.EndProgress();
        }
    }

    private static Command OutDefault() => new("Out-Default", isScript: false, useLocalScope: true)
    {
        MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output,
    };

    private static IEnumerable<string> StdinLines()
    {
        while (Console.In.ReadLine() is { } text)
        {
            yield return text;
        }
    }

    /// <summary>An error that ended the command or file of the command line makes the exit code 1, whatever is run after it.</summary>
    private void Fail(Exception? error)
    {
        failed |= error is not null;
        Show(error, isNested: false);
    }

    private void Show(Exception? error, bool isNested)
    {
        if (error is null or PipelineStoppedException)
        {
            return;
        }
        var record = (error as IContainsErrorRecord)?.ErrorRecord ?? new ErrorRecord(error, "EmbeddedPowerShell", ErrorCategory.NotSpecified, null);
        using var pipeline = isNested ? runspace.CreateNestedPipeline() : runspace.CreatePipeline();
        pipeline.Commands.Add(OutDefault());
        pipeline.Input.Write(EngineInternals.ForErrorStream(record));
        pipeline.Input.Close();
        pipeline.Invoke();
    }

    private void StopRunning()
    {
        lock (running)
        {
            if (running.TryPeek(out var pipeline))
            {
                pipeline.StopAsync();
            }
        }
    }

    private bool LastCommandSucceeded()
    {
        using var pipeline = runspace.CreatePipeline("$global:?");
        return pipeline.Invoke() is [{ BaseObject: true }];
    }

    private void Greet()
    {
        if (!line.NoLogo)
        {
            host.UI.WriteLine($"PowerShell {Program.EngineVersion}, embedded: the engine and the commands that are part of it");
        }
    }
}
