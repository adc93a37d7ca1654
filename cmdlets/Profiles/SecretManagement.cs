using System.Management.Automation;
using System.Net;
using System.Text.Json;

namespace RoleCredentials;

/// <summary>
/// Keeps keys in a vault of the module Microsoft.PowerShell.SecretManagement, for -VaultName. This class and Session/AwsTools.ps1 are the only
/// ones that call the commands of another module.
/// </summary>
internal static class SecretManagement
{
    private const string Module = "Microsoft.PowerShell.SecretManagement";

    // Other AWS tools run this PowerShell to read the vault.
    private static string PowerShellPath =>
        Path.Combine(Path.GetDirectoryName(typeof(PSObject).Assembly.Location)!, OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh");

    /// <summary>Stores a profile whose keys are in a vault. Returns null after an error.</summary>
    // The core cannot read such a vault, so the keys are in it before the core removes them from the file.
    internal static FileChanges? StoreProfile(InputCmdlet cmdlet, string vaultName, StoreProfileParams request, bool isPlan)
    {
        var vault = new SecretVault { Name = vaultName, PowerShell = PowerShellPath };
        if (isPlan)
            return cmdlet.TryAsk(Methods.StoreProfile, request with { SecretVault = vault, WhatIf = true });
        WireCredentials keys = request.Settings.GetValueOrDefault(Setting.AccessKeyId) is { } accessKey
            ? new()
            {
                AccessKeyId = accessKey,
                SecretAccessKey = request.Settings.GetValueOrDefault(Setting.SecretAccessKey) ?? "",
                SessionToken = request.Settings.GetValueOrDefault(Setting.SessionToken),
            }
            : cmdlet.Ask(
                Methods.UseRole,
                new UseRoleParams { ProfileName = request.ProfileName, ProfileLocation = request.ProfileLocation }
            );
        StoreKeys(cmdlet, vault.Name, keys);
        return cmdlet.TryAsk(Methods.StoreProfile, request with { SecretVault = vault with { AccessKey = keys.AccessKeyId } });
    }

    // Stores the keys as the output of a credential_process, and reads them back.
    private static void StoreKeys(RoleCmdlet cmdlet, string vault, WireCredentials keys)
    {
        var name = $"RoleCredentials-{keys.AccessKeyId}";
        var output = new Dictionary<string, object>
        {
            ["Version"] = 1,
            ["AccessKeyId"] = keys.AccessKeyId,
            ["SecretAccessKey"] = keys.SecretAccessKey,
        };
        if (keys.SessionToken is { } token)
            output["SessionToken"] = token;
        var text = JsonSerializer.Serialize(output);
        // Module logging writes the arguments of a command, and of this type only its name.
        using var secret = new NetworkCredential("", text).SecurePassword;
        Call(cmdlet, "Set-Secret", vault, name, ("Secret", secret));
        if (Call(cmdlet, "Get-Secret", vault, name, ("AsPlainText", true)) as string != text)
            throw Failed(
                cmdlet,
                vault,
                $"The vault '{vault}' did not return the keys that it has just stored.",
                "Test the vault with Test-SecretVault"
            );
    }

    private static object? Call(RoleCmdlet cmdlet, string command, string vault, string name, (string Name, object Value) parameter)
    {
        // With the module's name, so that no other command of this name is called.
        var found = cmdlet.InvokeCommand.GetCommand($@"{Module}\{command}", CommandTypes.Cmdlet | CommandTypes.Function);
        if (found is null)
            throw Failed(cmdlet, vault, $"The module {Module} is not installed.", $"Install {Module}, and register the vault");
        try
        {
            using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
            shell.AddCommand(found).AddParameter("Name", name).AddParameter("Vault", vault).AddParameter("ErrorAction", "Stop");
            shell.AddParameter(parameter.Name, parameter.Value);
            return shell.Invoke().FirstOrDefault()?.BaseObject;
        }
        catch (RuntimeException error) when (error is not PipelineStoppedException)
        {
            throw Failed(
                cmdlet,
                vault,
                $"{command} failed for the vault '{vault}': {error.Message}",
                "Register and unlock the vault; Get-SecretVault lists the vaults"
            );
        }
    }

    private static Exception Failed(RoleCmdlet cmdlet, string vault, string message, string action) =>
        cmdlet.ThrowTerminating(
            "VaultFailed",
            message,
            $"{action}. Or pass -Vault, which stores the keys in the system's keychain.",
            vault,
            ErrorCategory.ResourceUnavailable
        );
}
