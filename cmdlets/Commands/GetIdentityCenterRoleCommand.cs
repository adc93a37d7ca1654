/*
.SYNOPSIS
Lists the accounts and roles that AWS IAM Identity Center assigns to you.

.DESCRIPTION
Get-IdentityCenterRole asks IAM Identity Center for the accounts that you
may use, and for your roles (permission sets) in each of them. It sends
requests for several accounts at the same time, and slows down when the
service throttles it. It returns each role as soon as it is known.

Pipe the objects to Use-Role, Enter-Role or Open-RoleConsole, which need no
stored profile for them, or to Set-RoleCredentials, which stores them as
profiles.

If there is no valid sign-in, the cmdlet offers one at a terminal. Without a
terminal it fails, and the error names Connect-IdentityCenter.

If the roles of an account cannot be listed, as for a suspended account, it
reports a separate error, and returns the roles of the other accounts.

.PARAMETER AccountId
Only these accounts: 12 digits. A number gets its leading zeros back.
Default: all accounts.

.PARAMETER AccountName
Only accounts of these names, optionally with wildcards: Prod*.

.PARAMETER RoleName
Only roles of these names, optionally with wildcards: *ReadOnly*.

.PARAMETER ThrottleLimit
Maximum number of accounts to list at the same time: 1 to 256. Default:
16.

.INPUTS
None.

.OUTPUTS
RoleCredentials.IdentityCenterRole. AccountId, AccountName, RoleName,
EmailAddress (of the account), and SsoSession; or StartUrl and SsoRegion,
for a session without a name.

.EXAMPLE
PS> Get-IdentityCenterRole -SsoSession corp

AccountId    AccountName RoleName  SsoSession
---------    ----------- --------  ----------
123456789012 Production  ReadOnly  corp
123456789012 Production  PowerUser corp
222222222222 Staging     PowerUser corp

Lists all accounts and roles that you may use.

.EXAMPLE
PS> Get-IdentityCenterRole corp -RoleName ReadOnly | Use-Role | ForEach-Object { "$($_.InputObject.AccountName): $(@(Get-EC2Instance -Credential $_).Count)" }
Production: 12
Staging: 3

Uses one role in every account, in parallel. No profile is stored.

.EXAMPLE
PS> Get-IdentityCenterRole corp -AccountName Prod* -RoleName PowerUser | Enter-Role

Makes the session a role of IAM Identity Center. There is no output.

.NOTES
Error ids, each followed by
',RoleCredentials.GetIdentityCenterRoleCommand': SsoLoginRequired,
SsoFailed, AccessDenied (for one account), AccountNotFound,
SsoSessionNotFound, ProfileNotFound, ProfileIncomplete, SourceConflict,
ParameterConflict, StartUrlInvalid, RegionInvalid, FileBroken,
FileUnreadable.

.LINK
https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccountRoles.html

.LINK
Connect-IdentityCenter

.LINK
Use-Role

.LINK
Set-RoleCredentials
*/
using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Lists accounts, then their roles: one request for each account, up to ThrottleLimit at a time.</summary>
[Cmdlet("Get", "IdentityCenterRole")]
[OutputType("RoleCredentials.IdentityCenterRole")]
public sealed class GetIdentityCenterRoleCommand : IdentityCenterCmdlet, IDisposable
{
    private readonly Dictionary<CoreRequest<ListRoleNamesParams, RoleNameList>, SsoAccount> open = [];
    private readonly LateProgress progress;
    private int done;

    /// <summary>Starts the clock of the progress.</summary>
    public GetIdentityCenterRoleCommand() => progress = new LateProgress(this, 7312, "Listing roles of IAM Identity Center");

    [Parameter]
    [AccountId]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? AccountId { get; set; }

    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? AccountName { get; set; }

    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RoleCompleter))]
    public string[]? RoleName { get; set; }

    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 16;

    protected override void EndProcessing()
    {
        try
        {
            var environment = RoleStack.EnvironmentOf(isChain: false);
            var listed = ListAccounts(environment);
            ListRoles(listed.Session, Selected(listed.Accounts), environment);
        }
        finally
        {
            progress.End();
        }
    }

    private AccountList ListAccounts(IDictionary environment)
    {
        var request = new CoreRequest<SsoSessionChoice, AccountList>(
            Methods.ListAccounts,
            WithSession(new SsoSessionChoice()),
            environment
        );
        try
        {
            CoreSession.Send(this, request);
            while (CoreSession.Receive(this, [request], 1000) is null)
                progress.Show("Accounts", null);
        }
        finally
        {
            request.Cancel();
        }
        if (request.ErrorRecord is { } error)
            ThrowTerminatingError(error);
        return request.Result!;
    }

    private void ListRoles(ChosenSession session, List<SsoAccount> accounts, IDictionary environment)
    {
        foreach (var account in accounts)
        {
            while (open.Count >= ThrottleLimit)
                Receive(session, accounts.Count);
            var asked = WithSession(new ListRoleNamesParams { AccountId = account.AccountId });
            var request = new CoreRequest<ListRoleNamesParams, RoleNameList>(Methods.ListRoleNames, asked, environment);
            CoreSession.Send(this, request);
            open[request] = account;
        }
        while (open.Count > 0)
            Receive(session, accounts.Count);
    }

    /// <summary>Cancels open requests after Ctrl+C or an error later in the pipeline.</summary>
    public void Dispose()
    {
        foreach (var request in open.Keys)
            request.Cancel();
    }

    private List<SsoAccount> Selected(SsoAccount[] accounts)
    {
        foreach (var id in (AccountId ?? []).Where(id => !accounts.Any(account => account.AccountId == id)))
        {
            WriteError(
                CoreFailure.Create(
                    "AccountNotFound",
                    $"IAM Identity Center gives you no role in account {id}.",
                    "Check the id. Get-IdentityCenterRole without -AccountId lists your accounts.",
                    id,
                    ErrorCategory.ObjectNotFound
                )
            );
        }
        return
        [
            .. accounts
                .Where(account => AccountId is null || AccountId.Contains(account.AccountId))
                .Where(account => IsMatch(AccountName, account.AccountName))
                .OrderBy(account => account.AccountName, StringComparer.OrdinalIgnoreCase),
        ];
    }

    private void Receive(ChosenSession session, int total)
    {
        if (CoreSession.Receive<CoreRequest<ListRoleNamesParams, RoleNameList>>(this, [.. open.Keys], 1000) is { } answered)
        {
            open.Remove(answered, out var account);
            done++;
            if (answered.ErrorRecord is { } error)
            {
                // Without a sign-in, every account would fail in the same way.
                if (answered.Error is { Id: "AccessDenied" })
                    WriteError(error);
                else
                    ThrowTerminatingError(error);
            }
            else
            {
                foreach (var name in answered.Result!.RoleNames.Where(name => IsMatch(RoleName, name)))
                    WriteObject(ViewOf(session, account!, name));
            }
        }
        progress.Show($"{done} of {total} accounts", 100 * done / total);
    }

    // Its properties are parameters of the cmdlets that use and store it, so a session's name leaves no place for the start URL.
    private static PSObject ViewOf(ChosenSession session, SsoAccount account, string roleName) =>
        View.Of(
            "RoleCredentials.IdentityCenterRole",
            ("AccountId", account.AccountId),
            ("AccountName", account.AccountName),
            ("RoleName", roleName),
            ("EmailAddress", account.EmailAddress),
            ("SsoSession", session.SsoSession),
            ("StartUrl", session.SsoSession is null ? session.StartUrl : null),
            ("SsoRegion", session.SsoSession is null ? session.SsoRegion : null)
        );

    private static bool IsMatch(string[]? patterns, string name) =>
        patterns is null || patterns.Any(pattern => WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(name));
}
