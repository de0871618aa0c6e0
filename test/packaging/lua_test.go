package packaging

import (
	"context"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// runLua runs a script as Argo CD does: with the object as the global obj, with
// no libraries but the basic ones and those for tables, and for a second at
// most. It returns what the script returns, as decoded JSON.
func runLua(t *testing.T, script string, o object) any {
	t.Helper()
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, library := range map[string]lua.LGFunction{lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(library), Protect: true}, lua.LString(name)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	state.SetContext(ctx)
	state.SetGlobal("obj", toLua(state, map[string]any(o)))
	if err := state.DoString(script); err != nil {
		t.Fatal(err)
	}
	result := state.Get(-1)
	if result.Type() != lua.LTTable {
		t.Fatalf("the script returns a %s, not a table", result.Type())
	}
	return fromLua(result)
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case bool:
		return lua.LBool(value)
	case float64:
		return lua.LNumber(value)
	case string:
		return lua.LString(value)
	case []any:
		table := state.CreateTable(len(value), 0)
		for _, item := range value {
			table.Append(toLua(state, item))
		}
		return table
	case map[string]any:
		table := state.CreateTable(0, len(value))
		for name, item := range value {
			table.RawSetString(name, toLua(state, item))
		}
		return table
	default:
		return lua.LNil
	}
}

// fromLua makes an empty array of an empty table, as Argo CD does, which cannot
// know better.
func fromLua(value lua.LValue) any {
	switch value := value.(type) {
	case lua.LBool:
		return bool(value)
	case lua.LNumber:
		return float64(value)
	case lua.LString:
		return string(value)
	case *lua.LTable:
		if value.Len() > 0 || empty(value) {
			list := []any{}
			value.ForEach(func(_, item lua.LValue) { list = append(list, fromLua(item)) })
			return list
		}
		members := map[string]any{}
		value.ForEach(func(name, item lua.LValue) { members[name.String()] = fromLua(item) })
		return members
	default:
		return nil
	}
}

func empty(table *lua.LTable) bool {
	key, _ := table.Next(lua.LNil)
	return key == lua.LNil
}
