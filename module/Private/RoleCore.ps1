# The door to Node: the only file of the module that starts the core or talks to it.
#
# One Node child per PowerShell process, shared by all runspaces, started at the first need and again when it has died. Requests and
# answers are JSON-RPC 2.0, one a line. What is shared between runspaces holds .NET objects only: a script block, or an instance of
# a PowerShell class, would belong to one of them. The methods are static, and a class's methods cost a tenth of a function's call.
#
# PowerShell compiles a file once for all runspaces, and a class belongs to the runspace that was first: without the attribute, the others
# would wait until that one has time, and for ever when it has ended.
[NoRunspaceAffinity()]
class RoleCore {
    # Milliseconds of silence after which a core is asked for a sign of life, and of further silence after which it is taken to hang.
    # The answer itself is not timed: a person types a code, a process signs in.
    hidden static [int] $Patience = 10000

    # An answer has a few kilobytes; a list of ten thousand profiles has a few megabytes.
    hidden static [int] $LongestAnswer = 64MB

    # Sends one request and returns at once with a ticket, for which Receive gives the answer. The environment is the caller's,
    # and the place says where the core lies.
    static [hashtable] Send(
        [string] $method, [System.Collections.IDictionary] $parameters, [string] $workingDirectory, [hashtable] $place,
        [System.Collections.IDictionary] $environment
    ) {
        $core = [RoleCore]::Get($place)
        $answer = [System.Threading.Tasks.TaskCompletionSource[string]]::new([System.Threading.Tasks.TaskCreationOptions]::RunContinuationsAsynchronously)
        $id = [RoleCore]::NextId($core)
        if ($core['Waiting'].IsEmpty) { $core['Heard'] = [System.Environment]::TickCount64 }
        $core['Waiting'][$id] = $answer

        $request = [System.Text.StringBuilder]::new('{"jsonrpc":"2.0","id":').Append($id).Append(',"method":').Append([RoleCore]::ToJson($method))
        $null = $request.Append(',"params":{"context":{"environment":').Append([RoleCore]::ToJson($environment))
        $null = $request.Append(',"workingDirectory":').Append([RoleCore]::ToJson($workingDirectory)).Append('}')
        foreach ($key in $parameters.get_Keys()) {
            $null = $request.Append(',').Append([RoleCore]::ToJson($key)).Append(':').Append([RoleCore]::ToJson($parameters[$key]))
        }
        [RoleCore]::Write($core, $request.Append("}}`n").ToString())
        return @{ Core = $core; Id = $id; Task = $answer.Task; Method = $method; Parameters = $parameters; ErrorRecord = $null; Error = $null; Result = $null; Notes = @() }
    }

    # Waits until one of the tickets has its answer and returns that ticket, with Result or with Error and ErrorRecord; or nothing,
    # when so many milliseconds have passed (-1: no limit). Ctrl+C ends the wait; Cancel then tells the core.
    static [hashtable] Receive([System.Collections.IList] $tickets, [int] $milliseconds) {
        $until = [System.Environment]::TickCount64 + $milliseconds
        while ($true) {
            foreach ($ticket in $tickets) {
                if ($ticket['Task'].IsCompleted) { return [RoleCore]::Complete($ticket) }
            }
            $left = $milliseconds -lt 0 ? 100 : [System.Math]::Min(100, $until - [System.Environment]::TickCount64)
            if ($left -le 0) {
                if (-not [RoleCore]::Read($tickets[0]['Core'], 0, $null)) { return $null }
                continue
            }
            [RoleCore]::Read($tickets[0]['Core'], $left, $tickets[0]['Task'])
            [RoleCore]::Watch($tickets[0]['Core'])
        }
        return $null
    }

    # Nobody waits for these answers any longer.
    static [void] Cancel([System.Collections.IList] $tickets) {
        $answer = $null
        foreach ($ticket in $tickets) {
            if ($ticket['Task'].IsCompleted) { continue }
            $core = $ticket['Core']
            $null = $core['Waiting'].TryRemove($ticket['Id'], [ref] $answer)
            if (-not $core['Broken']) {
                [RoleCore]::Write($core, "{""jsonrpc"":""2.0"",""method"":""`$/cancel"",""params"":{""id"":$($ticket['Id'])}}`n")
            }
        }
    }

    # Whether this thread is in the midst of one of these methods, where an event's action must not begin another.
    static [bool] IsTalking([hashtable] $place) {
        $key = "RoleCredentials.Core:$($place['Path'])"
        if ([System.Threading.Monitor]::IsEntered([string]::Intern("$key.Gate"))) { return $true }
        $core = [System.AppDomain]::CurrentDomain.GetData($key)
        if ($null -eq $core) { return $false }
        return [System.Threading.Monitor]::IsEntered($core['ReadGate']) -or $core['WriteGate'].CurrentCount -eq 0
    }

    # The text with every control, bidirectional and invisible character shown as \uXXXX, as in the core.
    static [string] Inert([string] $text) {
        $unsafe = '[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]'
        $safe = [System.Text.StringBuilder]::new()
        $from = 0
        foreach ($match in [regex]::Matches($text, $unsafe)) {
            $null = $safe.Append($text, $from, $match.Index - $from).Append('\u').Append(([int][char]$match.Value).ToString('x4'))
            $from = $match.Index + 1
        }
        return $safe.Append($text, $from, $text.Length - $from).ToString()
    }

    # An ErrorRecord of this border, in the form of those that the core answers.
    static [System.Management.Automation.ErrorRecord] Failure([string] $id, [string] $message, [string] $action, [string] $target) {
        $inert = [RoleCore]::Inert($message)
        $record = [System.Management.Automation.ErrorRecord]::new([System.InvalidOperationException]::new($inert), $id, 'ResourceUnavailable', [RoleCore]::Inert($target))
        $record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new($inert)
        $record.ErrorDetails.RecommendedAction = $action
        return $record
    }

    # --- the process -------------------------------------------------------------------------------------------------------------

    hidden static [hashtable] Get([hashtable] $place) {
        $key = "RoleCredentials.Core:$($place['Path'])"
        $domain = [System.AppDomain]::CurrentDomain
        $core = $domain.GetData($key)
        if ($null -ne $core -and -not $core['Broken'] -and -not $core['Process'].HasExited) { return $core }

        # An interned string is one object for the whole process.
        $gate = [string]::Intern("$key.Gate")
        [System.Threading.Monitor]::Enter($gate)
        try {
            $core = $domain.GetData($key)
            if ($null -ne $core) {
                if (-not $core['Broken'] -and -not $core['Process'].HasExited) { return $core }
                [RoleCore]::Stop($core, 'It ended unexpectedly.')
            }
            $core = [RoleCore]::Start($place)
            $domain.SetData($key, $core)
            return $core
        } finally {
            [System.Threading.Monitor]::Exit($gate)
        }
    }

    # Starts Node on the bundle, with pipes for all that is said and an environment that holds nothing it does not need:
    # no keys, no NODE_OPTIONS, no LD_PRELOAD. What the caller's environment says travels in each request.
    hidden static [hashtable] Start([hashtable] $place) {
        $node = [RoleCore]::FindNode()
        [RoleCore]::AssertUnchanged($place)

        $start = [System.Diagnostics.ProcessStartInfo]::new($node)
        # A young generation of 1 MB: with Node's 16 the core grows by 20 MB, and is no faster.
        foreach ($argument in '--max-semi-space-size=1', $place['Path'], 'serve') { $start.ArgumentList.Add($argument) }
        $start.WorkingDirectory = [System.IO.Path]::GetDirectoryName($place['Path'])
        $start.UseShellExecute = $false
        $start.CreateNoWindow = $true
        $start.RedirectStandardInput = $true
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        $start.Environment.Clear()
        foreach ($name in 'SystemRoot', 'SystemDrive', 'TEMP', 'TMP', 'TMPDIR', 'TZ') {
            $value = [System.Environment]::GetEnvironmentVariable($name)
            if ($value) { $start.Environment[$name] = $value }
        }
        $process = $null
        try {
            $process = [System.Diagnostics.Process]::Start($start)
        } catch {
            throw [RoleCore]::Failure('CoreNotStarted', "Node.js at $node cannot be started: $($_.Exception.GetBaseException().Message)", 'Install Node.js 20 or later from https://nodejs.org.', $node)
        }

        $core = [hashtable]::Synchronized(@{
            Process = $process
            Input = $process.StandardInput.BaseStream
            Output = $process.StandardOutput.BaseStream
            Errors = $process.StandardError
            Buffer = [byte[]]::new(65536)
            # What was read and is no whole line yet.
            Line = [System.IO.MemoryStream]::new()
            Read = $null
            Complaint = [char[]]::new(4096)
            ComplaintRead = $null
            Waiting = [System.Collections.Concurrent.ConcurrentDictionary[long, System.Threading.Tasks.TaskCompletionSource[string]]]::new()
            LastId = [long]0
            ReadGate = [object]::new()
            WriteGate = [System.Threading.SemaphoreSlim]::new(1, 1)
            # Ticks of the last sign of life, and of the ping that asked for one.
            Heard = [System.Environment]::TickCount64
            Pinged = [long]0
            Broken = $false
            Why = $null
        })
        $core['Read'] = $core['Output'].ReadAsync($core['Buffer'], 0, $core['Buffer'].Length)
        $core['ComplaintRead'] = $core['Errors'].ReadBlockAsync($core['Complaint'], 0, $core['Complaint'].Length)
        return $core
    }

    # The absolute path of Node.js: the first in an absolute folder of PATH. The current folder is never looked in.
    hidden static [string] FindNode() {
        $name = [System.OperatingSystem]::IsWindows() ? 'node.exe' : 'node'
        foreach ($entry in "$([System.Environment]::GetEnvironmentVariable('PATH'))".Split([System.IO.Path]::PathSeparator)) {
            $folder = $entry.Trim('"')
            if (-not [System.IO.Path]::IsPathFullyQualified($folder)) { continue }
            $path = [System.IO.Path]::Combine($folder, $name)
            if ([System.IO.File]::Exists($path)) { return $path }
        }
        throw [RoleCore]::Failure('NodeNotFound', 'Node.js is not on the PATH.', 'Install Node.js 20 or later from https://nodejs.org.', 'node')
    }

    # The core runs only as it was built: its hashes stand in the manifest, which is what a signature of the module covers.
    hidden static [void] AssertUnchanged([hashtable] $place) {
        $folder = [System.IO.Path]::GetDirectoryName($place['Path'])
        foreach ($entry in $place['Hashes'].GetEnumerator()) {
            $file = [System.IO.Path]::Combine($folder, $entry.Key)
            if (-not [System.IO.File]::Exists($file)) {
                throw [RoleCore]::Failure('CoreMissing', "The module's core is not there: $file", "In a checkout, 'npm run build' makes it; else install the module again.", $file)
            }
            $hash = [System.Convert]::ToHexString([System.Security.Cryptography.SHA256]::HashData([System.IO.File]::ReadAllBytes($file)))
            if ($hash -ne $entry.Value) {
                throw [RoleCore]::Failure('CoreChanged', "The module's core is not the one that the manifest names: $file", "In a checkout, 'npm run build' makes both; else install the module again.", $file)
            }
        }
    }

    # Ends a core that is of no use any more, and tells all who wait why.
    hidden static [void] Stop([hashtable] $core, [string] $why) {
        if ($null -eq $core['Why']) { $core['Why'] = $why }
        $core['Broken'] = $true
        foreach ($waiting in $core['Waiting'].ToArray()) { $null = $waiting.Value.TrySetCanceled() }
        $core['Waiting'].Clear()
        try {
            if (-not $core['Process'].HasExited) { $core['Process'].Kill() }
            # Waiting for it reaps it.
            $null = $core['Process'].WaitForExit(2000)
            $core['Process'].Dispose()
            # Disposing of a process leaves its pipes open. One that somebody still reads is left to the garbage collector.
            $core['Input'].Dispose()
            foreach ($pipe in @($core['Read'], $core['Output']), @($core['ComplaintRead'], $core['Errors'])) {
                if ([System.Threading.Tasks.Task]::WaitAny(@($pipe[0]), 100) -eq 0) { $pipe[1].Dispose() }
            }
        } catch [System.InvalidOperationException], [System.IO.IOException] {
            # Another runspace was first.
            $null = $_
        }
    }

    # --- the pipes ---------------------------------------------------------------------------------------------------------------

    hidden static [long] NextId([hashtable] $core) {
        [System.Threading.Monitor]::Enter($core['ReadGate'])
        try { return ++$core['LastId'] } finally { [System.Threading.Monitor]::Exit($core['ReadGate']) }
    }

    # Writes one line. Answers are taken in meanwhile: were both pipes full, each side would wait for the other.
    hidden static [void] Write([hashtable] $core, [string] $line) {
        while (-not $core['WriteGate'].Wait(20)) {
            if ($core['Broken']) { return }
            $null = [RoleCore]::Read($core, 0, $null)
        }
        try {
            $bytes = [System.Text.Encoding]::UTF8.GetBytes($line)
            $write = $core['Input'].WriteAsync($bytes, 0, $bytes.Length)
            while (-not $write.IsCompleted) {
                if ($core['Broken']) { return }
                $null = [RoleCore]::Read($core, 50, $write)
                [RoleCore]::Watch($core)
            }
            if ($write.IsFaulted) { [RoleCore]::Stop($core, [RoleCore]::LastWords($core)) } else { $core['Input'].Flush() }
        } catch [System.IO.IOException], [System.ObjectDisposedException] {
            [RoleCore]::Stop($core, [RoleCore]::LastWords($core))
        } finally {
            $null = $core['WriteGate'].Release()
        }
    }

    # Waits so many milliseconds for output of the core, or for a task that somebody waits for, and hands whole lines to whom they
    # are for. Every waiting runspace takes part: whoever sees the read completed takes it apart and starts the next.
    hidden static [bool] Read([hashtable] $core, [int] $milliseconds, [System.Threading.Tasks.Task] $other) {
        $read = $core['Read']
        if (-not $read.IsCompleted) {
            if ($milliseconds -eq 0) { return $false }
            $tasks = [System.Threading.Tasks.Task[]]($null -eq $other ? @($read) : @($other, $read))
            $null = [System.Threading.Tasks.Task]::WaitAny($tasks, $milliseconds)
            if (-not $read.IsCompleted) { return $false }
        }
        if (-not [System.Threading.Monitor]::TryEnter($core['ReadGate'], 100)) { return $false }
        try {
            if (-not [object]::ReferenceEquals($read, $core['Read']) -or $core['Broken']) { return $false }
            if (-not $read.IsCompletedSuccessfully -or $read.Result -eq 0) {
                [RoleCore]::Stop($core, [RoleCore]::LastWords($core))
                return $false
            }
            $core['Heard'] = [System.Environment]::TickCount64
            $core['Pinged'] = [long]0
            [RoleCore]::Take($core, $read.Result)
            if (-not $core['Broken']) { $core['Read'] = $core['Output'].ReadAsync($core['Buffer'], 0, $core['Buffer'].Length) }
            return $true
        } finally {
            [System.Threading.Monitor]::Exit($core['ReadGate'])
        }
    }

    # Cuts what came at the line breaks, and gives each line to the request whose id it carries.
    hidden static [void] Take([hashtable] $core, [int] $count) {
        $line = $core['Line']
        $from = 0
        while ($true) {
            $end = [System.Array]::IndexOf($core['Buffer'], [byte]10, $from, $count - $from)
            if ($end -lt 0) { break }
            $line.Write($core['Buffer'], $from, $end - $from)
            [RoleCore]::HandOut($core, [System.Text.Encoding]::UTF8.GetString($line.GetBuffer(), 0, [int]$line.Length))
            if ($core['Broken']) { return }
            $line.SetLength(0)
            $from = $end + 1
        }
        $line.Write($core['Buffer'], $from, $count - $from)
        if ($line.Length -gt [RoleCore]::LongestAnswer) { [RoleCore]::Stop($core, 'Its answer has no end.') }
    }

    # The id stands first in each of the core's lines, so nobody has to take apart a line that is not theirs.
    hidden static [void] HandOut([hashtable] $core, [string] $text) {
        $id = [RoleCore]::IdOf($text)
        if ($id -lt 0 -or $id -gt $core['LastId']) {
            [RoleCore]::Stop($core, 'It answered what is no answer.')
            return
        }
        # An id that nobody waits for any more was cancelled, or is that of a ping.
        $answer = $null
        if ($core['Waiting'].TryRemove($id, [ref] $answer)) { $null = $answer.TrySetResult($text) }
    }

    hidden static [long] IdOf([string] $line) {
        $start = '{"jsonrpc":"2.0","id":'
        $comma = $line.IndexOf(',', [System.Math]::Min($start.Length, $line.Length))
        $id = [long]0
        if ($comma -lt 0 -or -not $line.StartsWith($start, 'Ordinal')) { return -1 }
        if (-not [long]::TryParse($line.Substring($start.Length, $comma - $start.Length), 'None', [cultureinfo]::InvariantCulture, [ref] $id)) { return -1 }
        return $id
    }

    # A core that has been silent for long is asked for a sign of life, and ended when it gives none.
    hidden static [void] Watch([hashtable] $core) {
        if ($core['Broken']) { return }
        $now = [System.Environment]::TickCount64
        if ($core['Pinged'] -ne 0) {
            if ($now - $core['Pinged'] -gt [RoleCore]::Patience) { [RoleCore]::Stop($core, 'It does not answer.') }
        } elseif ($now - $core['Heard'] -gt [RoleCore]::Patience) {
            $core['Pinged'] = $now
            # Not through Write: a core that reads nothing more would keep that waiting, and its pipe has room for a ping.
            $ping = [System.Text.Encoding]::UTF8.GetBytes("{""jsonrpc"":""2.0"",""id"":0,""method"":""core/ping"",""params"":{}}`n")
            if ($core['WriteGate'].Wait(0)) {
                try { $null = $core['Input'].WriteAsync($ping, 0, $ping.Length) } finally { $null = $core['WriteGate'].Release() }
            }
        }
    }

    # What Node printed before it ended, such as that it is too old. The core itself prints nothing.
    hidden static [string] LastWords([hashtable] $core) {
        $read = $core['ComplaintRead']
        $text = ''
        if ([System.Threading.Tasks.Task]::WaitAny(@($read), 500) -eq 0 -and $read.IsCompletedSuccessfully) { $text = [string]::new($core['Complaint'], 0, $read.Result) }
        foreach ($line in $text.Split("`n")) {
            if ($line -match 'role-credentials needs|Error:') { return "It ended: $($line.Trim() -replace '[^ -~]', '?')" }
        }
        return 'It ended unexpectedly.'
    }

    # --- what travels ------------------------------------------------------------------------------------------------------------
    #
    # 'Set-PSDebug -Trace 2' prints whatever is assigned to a variable, in the methods of a class too, and no attribute prevents it
    # there. So nothing that may be secret is given a name below; an enumerator is printed as such.

    # Takes an answer apart. A core that ended before it answered is one clear error; the next request starts another.
    hidden static [hashtable] Complete([hashtable] $ticket) {
        if (-not $ticket['Task'].IsCompletedSuccessfully) {
            $ticket['ErrorRecord'] = [RoleCore]::Failure('CoreFailed', "The module's core did not answer $($ticket['Method']). $($ticket['Core']['Why'])", 'Repeat the command: it starts a new core.', $ticket['Method'])
            $ticket['Error'] = @{ data = @{ id = 'CoreFailed' } }
            return $ticket
        }
        $message = [RoleCore]::FromJson($ticket['Task'].Result)
        if (-not [RoleCore]::IsAnswer($message)) {
            [RoleCore]::Stop($ticket['Core'], 'It answered what is no answer.')
            $ticket['ErrorRecord'] = [RoleCore]::Failure('CoreFailed', "The module's core did not answer $($ticket['Method']). $($ticket['Core']['Why'])", 'Repeat the command: it starts a new core.', $ticket['Method'])
            $ticket['Error'] = @{ data = @{ id = 'CoreFailed' } }
            return $ticket
        }
        if ($message.ContainsKey('notes')) { $ticket['Notes'] = $message['notes'] }
        $ticket['Result'] = $message['result']
        $ticket['Error'] = $message['error']
        $ticket['ErrorRecord'] = $null -eq $message['error'] ? $null : [RoleCore]::ToErrorRecord($message['error'])
        return $ticket
    }

    # Whether it has all that is taken for granted below: an error as the core's are, or a result.
    hidden static [bool] IsAnswer([hashtable] $message) {
        if ($null -eq $message) { return $false }
        $wire = $message['error']
        if ($null -eq $wire) { return $message['result'] -is [hashtable] }
        if ($wire -isnot [hashtable] -or $wire['message'] -isnot [string] -or $wire['data'] -isnot [hashtable]) { return $false }
        $category = [System.Management.Automation.ErrorCategory]::NotSpecified
        return $wire['data']['id'] -is [string] -and [System.Enum]::TryParse($wire['data']['category'], [ref] $category)
    }

    # The core's error as PowerShell knows errors: id, category, target, message and what to do next.
    hidden static [System.Management.Automation.ErrorRecord] ToErrorRecord([hashtable] $wire) {
        $data = $wire['data']
        $record = [System.Management.Automation.ErrorRecord]::new(
            [System.InvalidOperationException]::new($wire['message']), $data['id'], $data['category'], $data['target'])
        $record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new($wire['message'])
        $record.ErrorDetails.RecommendedAction = $data['action']
        foreach ($name in 'hop', 'mfaSerial', 'awsCode', 'clockSkewSeconds') {
            if ($null -ne $data[$name]) { $record.Exception.Data[$name] = $data[$name] }
        }
        return $record
    }

    # JSON of what a request holds: texts, numbers, booleans, null, dictionaries and lists of them.
    hidden static [string] ToJson([object] $value) {
        if ($null -eq $value) { return 'null' }
        if ($value -is [string]) { return [System.Web.HttpUtility]::JavaScriptStringEncode($value, $true) }
        if ($value -is [bool] -or $value -is [switch]) { return $value ? 'true' : 'false' }
        if ($value -is [int] -or $value -is [long]) { return $value.ToString([cultureinfo]::InvariantCulture) }
        $json = [System.Text.StringBuilder]::new()
        if ($value -is [System.Collections.IDictionary]) {
            foreach ($key in $value.get_Keys()) {
                $null = $json.Append($json.Length -eq 0 ? '{' : ',').Append([System.Web.HttpUtility]::JavaScriptStringEncode($key, $true)).Append(':')
                # An environment has many texts, and a call for each is felt.
                if ($value[$key] -is [string]) { $null = $json.Append([System.Web.HttpUtility]::JavaScriptStringEncode($value[$key], $true)) }
                else { $null = $json.Append([RoleCore]::ToJson($value[$key])) }
            }
            return $json.Append($json.Length -eq 0 ? '{}' : '}').ToString()
        }
        $each = ([System.Collections.IEnumerable]$value).GetEnumerator()
        while ($each.MoveNext()) { $null = $json.Append($json.Length -eq 0 ? '[' : ',').Append([RoleCore]::ToJson($each.Current)) }
        return $json.Append($json.Length -eq 0 ? '[]' : ']').ToString()
    }

    # An answer as hashtables and arrays; nothing, when it is no JSON object.
    hidden static [hashtable] FromJson([string] $json) {
        $document = $null
        try {
            $document = [System.Text.Json.JsonDocument]::Parse($json)
            if ($document.RootElement.ValueKind -ne 'Object') { return $null }
            return [RoleCore]::FromElement($document.RootElement)
        } catch [System.Text.Json.JsonException] {
            return $null
        } finally {
            if ($null -ne $document) { $document.Dispose() }
        }
    }

    hidden static [object] FromElement([System.Text.Json.JsonElement] $element) {
        switch ([int]$element.ValueKind) {
            1 {
                # Ordinal: keys are names from files too.
                $table = [hashtable]::new([System.StringComparer]::Ordinal)
                $each = [System.Collections.IEnumerator]$element.EnumerateObject()
                while ($each.MoveNext()) {
                    $table[$each.Current.Name] = [int]$each.Current.Value.ValueKind -eq 3 ? $each.Current.Value.GetString() : [RoleCore]::FromElement($each.Current.Value)
                }
                return $table
            }
            2 {
                $list = [System.Collections.Generic.List[object]]::new()
                $each = [System.Collections.IEnumerator]$element.EnumerateArray()
                while ($each.MoveNext()) { $list.Add([RoleCore]::FromElement($each.Current)) }
                return $list.ToArray()
            }
            3 { return $element.GetString() }
            4 { return $element.GetDouble() }
            5 { return $true }
            6 { return $false }
        }
        return $null
    }
}
