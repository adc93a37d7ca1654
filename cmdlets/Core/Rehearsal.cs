using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell.Commands;

namespace RoleCredentials;

/// <summary>
/// The first command of a session would wait for the core to start, and for .NET to compile what runs: docs/decisions/0006. Nobody waits for
/// a rehearsal, and nobody hears of what goes wrong: the first command tells.
/// </summary>
internal static class Rehearsal
{
    // Read while Node starts, for a person may be waiting for it by then.
    private static ReadOnlySpan<byte> Answer => """
        {"jsonrpc":"2.0","id":0,"result":{"accessKeyId":"AKIAREHEARSAL","secretAccessKey":"rehearsal","sessionToken":"rehearsal","expiration":"2100-01-01T00:00:00.000Z","assumedRoleUser":{"arn":"","assumedRoleId":""},"packedPolicySize":1,"chained":false},"notes":[]}
        """u8;

    private const string Script = """
        $NoCache = $false
        $Creds = Use-Role -AccessKey AKIAREHEARSAL -SecretKey rehearsal -SessionToken rehearsal -Region us-east-1 -NoCache:$NoCache
        $Creds = @() | Use-Role -ProfileName rehearsal -RoleSessionName rehearsal
        $Creds = @() | Use-Role -RoleArn arn:aws:iam::000000000000:role/rehearsal -SourceProfile rehearsal -DurationInSeconds 3600 -ExternalId rehearsal
        $Creds = @() | Use-Role -RoleName rehearsal -AccountId 000000000000
        """;

    private static int isOver;

    /// <summary>Starts the core, if it does not run, without waiting for it.</summary>
    internal static void Start()
    {
        if (Interlocked.Exchange(ref isOver, 1) == 0) _ = Task.Run(Run);
    }

    private static void Run()
    {
        try
        {
            var place = CorePlace.Own;
            // Beside the end of the import, which takes so long from here, the two would hold each other up. A command that comes sooner starts
            // the core itself.
            Thread.Sleep(6);
            var core = RoleCore.Start(place);
            // Node takes several times as long. If a command has come, it has the processor first.
            Thread.Sleep(10);
            var request = RoleCore.Send(place, "core/rehearse", [], Environment.GetEnvironmentVariables(), place.Folder);
            _ = RoleCredentials.From(CoreAnswer.Parse(Answer)!.Result!, null);
            if (RoleCore.Receive(request, RoleCore.Patience, null)?.Result is null) return;
            // Who has asked meanwhile comes first.
            while (core.IsBusy) Thread.Sleep(20);
            RunCmdlet();
        }
        catch (Exception error) when (error is RuntimeException or InvalidOperationException or NotSupportedException)
        {
            // The first command tells.
        }
    }

    // In a runspace with just what it needs: PowerShell keeps what it learns of a cmdlet for the whole process. Keys that are given and no
    // role come back as they are, from the core, and STS is not asked. Where nothing comes down the pipeline, nothing is asked at all, but
    // the parameters are bound, for which PowerShell compiles a function each.
    private static void RunCmdlet()
    {
        var state = InitialSessionState.Create();
        state.LanguageMode = PSLanguageMode.FullLanguage;
        state.Commands.Add(new SessionStateCmdletEntry("Use-Role", typeof(UseRoleCommand), null));
        state.Providers.Add(new SessionStateProviderEntry("FileSystem", typeof(FileSystemProvider), null));
        using var shell = PowerShell.Create(state);
        shell.AddScript(Script);
        shell.Invoke();
        if (shell.HadErrors) throw new InvalidOperationException(shell.Streams.Error[0].ToString());
    }
}
