using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Asks for a role of IAM Identity Center, as 'aws configure sso' does: session, sign-in, account and role.</summary>
internal static class IdentityCenterPrompts
{
    private const string DefaultScopes = "sso:account:access";

    /// <summary>Returns the name of the profile and the settings to store; null if the user refused to store the session.</summary>
    /// <param name="cmdlet">The cmdlet whose user is asked.</param>
    /// <param name="location">The value of -ProfileLocation.</param>
    /// <param name="name">The name of the profile; null asks for it.</param>
    /// <param name="stored">The settings that the profile has.</param>
    internal static (string Name, Dictionary<string, string?> Settings)? Read(
        InputCmdlet cmdlet,
        string? location,
        string? name,
        Dictionary<string, string> stored
    )
    {
        if (ReadSession(cmdlet, location, stored.GetValueOrDefault(Setting.SsoSession)) is not { } session)
            return null;
        SignIn(cmdlet, location, session);
        var listed = cmdlet.Ask(Methods.ListAccounts, new SsoSessionChoice { SsoSession = session, ProfileLocation = location });
        var accounts = listed.Accounts.OrderBy(one => one.AccountName, StringComparer.OrdinalIgnoreCase).ToArray();
        var account = Choose(cmdlet, "account", session, accounts, one => [one.AccountId, one.AccountName]);
        var asked = new ListRoleNamesParams
        {
            SsoSession = session,
            AccountId = account.AccountId,
            ProfileLocation = location,
        };
        var role = Choose(cmdlet, "role", session, cmdlet.Ask(Methods.ListRoleNames, asked).RoleNames, one => [one]);
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [Setting.SsoSession] = session,
            [Setting.SsoAccountId] = account.AccountId,
            [Setting.SsoRoleName] = role,
        };
        foreach (var (setting, question) in ProfilePrompts.Defaults)
            if (ProfilePrompts.ReadOr(cmdlet, question, stored.GetValueOrDefault(setting)) is { } answer)
                settings[setting] = answer;
        return (name ?? ProfilePrompts.ReadOr(cmdlet, "Profile name", $"{role}-{account.AccountId}")!, settings);
    }

    // Asks for a session, and stores a new one.
    private static string? ReadSession(InputCmdlet cmdlet, string? location, string? current)
    {
        var sessions = cmdlet
            .Ask(
                Methods.Complete,
                new CompletionParams
                {
                    Subject = "ssoSession",
                    Word = "",
                    ProfileLocation = location,
                }
            )
            .Completions.Select(one => one.Text)
            .ToArray();
        var session = ReadNeeded(cmdlet, "SSO session name", current ?? (sessions is [var only] ? only : null));
        if (sessions.Contains(session))
            return session;
        var request = new StoreSessionParams
        {
            SsoSession = session,
            StartUrl = ReadNeeded(cmdlet, "SSO start URL", null),
            SsoRegion = ReadNeeded(cmdlet, "SSO region", null),
            Scopes = ReadNeeded(cmdlet, "SSO registration scopes", DefaultScopes),
            ProfileLocation = location,
        };
        var isStored = ProfileChange.Make(
            cmdlet,
            isPlan => cmdlet.TryAsk(Methods.StoreSession, request with { WhatIf = isPlan ? true : null }),
            $"sso-session '{session}'",
            "Store startUrl, ssoRegion, scopes"
        );
        return isStored ? session : null;
    }

    // Opens no page if there is a valid sign-in.
    private static void SignIn(InputCmdlet cmdlet, string? location, string session)
    {
        var request = new StartSignInParams { SsoSession = session, ProfileLocation = location };
        var (signedIn, error) = BrowserSignIn.Run(cmdlet, Methods.StartSignIn, request, IdentityCenterCmdlet.Subject);
        if (signedIn is null)
            cmdlet.ThrowTerminatingError(error);
    }

    // The user answers with a number of the list, or with one of an item's names.
    private static T Choose<T>(InputCmdlet cmdlet, string kind, string session, IReadOnlyList<T> items, Func<T, string[]> namesOf)
    {
        if (items.Count == 0)
        {
            throw cmdlet.ThrowTerminating(
                "AccountNotFound",
                $"IAM Identity Center gives you no {kind}.",
                "Ask the administrator of the organization for one.",
                session,
                ErrorCategory.ObjectNotFound
            );
        }
        for (var index = 0; index < items.Count; index++)
            cmdlet.Show($"{index + 1, 4}  {string.Join("  ", namesOf(items[index]))}");
        while (true)
        {
            var answer = ReadNeeded(cmdlet, $"Number or name of the {kind}", "1");
            if (int.TryParse(answer, out var number) && number >= 1 && number <= items.Count)
                return items[number - 1];
            var named = items.Where(item => namesOf(item).Contains(answer, StringComparer.OrdinalIgnoreCase)).ToArray();
            if (named is [var only])
                return only;
            cmdlet.Show(named.Length == 0 ? $"There is no such {kind}." : "Several have this name. Enter a number.");
        }
    }

    private static string ReadNeeded(InputCmdlet cmdlet, string question, string? current) =>
        ProfilePrompts.ReadOr(cmdlet, question, current)
        ?? throw cmdlet.ThrowTerminating(
            "InputRequired",
            $"{question}: this needs a value.",
            "Run the command again. Nothing was changed.",
            question,
            ErrorCategory.InvalidOperation
        );
}
