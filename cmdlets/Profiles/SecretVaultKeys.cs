namespace RoleCredentials;

/// <summary>Stores a profile whose keys are in a vault of SecretManagement.</summary>
internal static class SecretVaultKeys
{
    // The core cannot read such a vault, so the keys are in it before the core removes them from the file.
    internal static CoreRequest<StoreProfileParams, FileChanges> Store(
        RoleCmdlet cmdlet,
        string vaultName,
        StoreProfileParams request,
        bool isPlan
    )
    {
        var vault = new SecretVault { Name = vaultName, PowerShell = SecretManagement.PowerShellPath };
        request = request with { Vault = null };
        if (isPlan)
            return cmdlet.Request(Methods.StoreProfile, request with { SecretVault = vault, WhatIf = true });
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
        SecretManagement.Store(cmdlet, vault.Name, keys);
        return cmdlet.Request(Methods.StoreProfile, request with { SecretVault = vault with { AccessKey = keys.AccessKeyId } });
    }
}
